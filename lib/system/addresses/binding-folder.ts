/** A private folder in which a Unix socket is bound, so that nobody can connect before its permissions are right. */
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { defer, type Observable } from 'rxjs';
import type { SocketAccess } from './socket-access.js';
import { checkPathLength, publishPath, type PublishedPath } from './unix-path.js';

/** The socket's name in its folder: short, because the system bounds the length of a socket's path. */
export const BOUND_NAME = 's';

const FOLDER_FLAGS = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0);

/**
 * `bind` creates the file with the permissions that the umask leaves, which may let anybody in until they are changed; and
 * anybody who can write to the folder could put a symbolic link in its place before that. So the socket is bound in a
 * folder that only this user can enter, and gets its permissions there. The folder is held open: on Linux its content is
 * reached through the descriptor, so that it does not matter if somebody moves the folder.
 */
export class BindingFolder {
  /** Where to bind. */
  readonly socketPath: string;
  /** The same place, reached through the descriptor where the system can. */
  private readonly bound: string;
  private readonly descriptor: number;
  private left = false;

  private constructor(private readonly folder: string) {
    this.descriptor = openPrivate(folder);
    const held = `/proc/self/fd/${this.descriptor}`;
    this.socketPath = join(folder, BOUND_NAME);
    this.bound = join(existsSync(held) ? held : folder, BOUND_NAME);
  }

  /** Makes a folder beside the socket's path. @throws the system's errors, and ENAMETOOLONG. */
  static beside(path: string): BindingFolder {
    const prefix = `${dirname(path)}/.`;
    checkPathLength(path, `${prefix}XXXXXX/${BOUND_NAME}`);
    return new BindingFolder(mkdtempSync(prefix));
  }

  /**
   * Makes the folder in which several processes expect a socket; one that exists is used again.
   *
   * @param socketPath - where to bind; see `sharedPathFor`.
   * @param path - where the socket is wanted.
   * @throws the system's errors; EACCES when the folder belongs to somebody else; ENAMETOOLONG.
   */
  static shared(socketPath: string, path: string): BindingFolder {
    checkPathLength(path, socketPath);
    const folder = dirname(socketPath);
    try {
      mkdirSync(folder, 0o700);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    return new BindingFolder(folder);
  }

  /** Whether a socket is bound in it that has not been published yet. */
  get isBound(): boolean {
    return existsSync(this.bound);
  }

  /**
   * Gives the socket that is bound here its permissions, and moves it to the path where it is wanted: cold.
   *
   * Error notifications: those of `publishPath`; what the system says about permissions and owners.
   */
  publish(path: string, { mode, uid, gid }: SocketAccess): Observable<PublishedPath> {
    return defer(() => {
      if (uid !== undefined || gid !== undefined) lchownSync(this.bound, uid ?? -1, gid ?? -1);
      chmodSync(this.bound, mode);
      return publishPath(this.bound, path);
    });
  }

  /** Removes the folder, with a socket that has not been published. */
  remove(): void {
    if (!this.left) quietly(() => unlinkSync(this.bound));
    this.leave();
  }

  /** Removes the folder, unless there is a socket in it, which a sibling process is about to publish. */
  leave(): void {
    if (this.left) return;
    this.left = true;
    quietly(() => rmdirSync(this.folder));
    closeSync(this.descriptor);
  }
}

/** Opens a folder that only this user can enter. @throws EACCES for any other folder. */
function openPrivate(folder: string): number {
  const descriptor = openSync(folder, FOLDER_FLAGS);
  const { uid, mode } = fstatSync(descriptor);
  const isOurs = uid === (process.geteuid?.() ?? uid) && (mode & 0o077) === 0;
  if (isOurs) return descriptor;
  closeSync(descriptor);
  throw Object.assign(new Error(`somebody else has made the folder ${folder}`), { code: 'EACCES' });
}

/** Does what may have been done already. */
function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // Gone, published, or never bound.
  }
}
