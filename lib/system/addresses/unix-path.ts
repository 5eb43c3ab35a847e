/** Puts a Unix socket's file in place, and takes it away, without a moment in which it is missing or somebody else's. */
import { linkSync, lstatSync, unlinkSync, type Stats } from 'node:fs';
import { connect } from 'node:net';
import { Observable, catchError, defer, ignoreElements, map, of, throwError } from 'rxjs';

/** Bytes that a socket's address has for a path, less the NUL at its end. */
const MAX_PATH_BYTES = process.platform === 'linux' ? 107 : 103;

/**
 * Checks that a socket can be bound at one path and moved to another. libuv truncates a path that is too long in silence.
 *
 * @param path - where the socket is wanted.
 * @param bound - where it is bound first.
 * @throws an error with `code` ENAMETOOLONG.
 */
export function checkPathLength(path: string, bound: string): void {
  const bytes = Buffer.byteLength(path);
  if (Math.max(bytes, Buffer.byteLength(bound)) <= MAX_PATH_BYTES) return;
  const reason =
    bytes > MAX_PATH_BYTES
      ? `the path has ${bytes} bytes, a Unix socket's has ${MAX_PATH_BYTES} at most`
      : `its folder is too deep: the socket is bound first at ${bound}, and a path has ${MAX_PATH_BYTES} bytes at most`;
  throw Object.assign(new Error(reason), { code: 'ENAMETOOLONG' });
}

/** A socket file that is in place; `remove` takes it away, unless somebody has put another file there. */
export interface PublishedPath {
  remove(): void;
}

/**
 * Moves a socket from the path where it was bound to the path where it is wanted: cold.
 *
 * `link` fails where a file exists, so that of two programs one wins. A socket there on which nobody listens is left over from a
 * crash, and is replaced; a live one is not. Where the same socket is in place already, a sibling process has put it there, at
 * whatever moment.
 *
 * Error notifications: an error with `code` EADDRINUSE; the file system's errors.
 */
export function publishPath(bound: string, path: string): Observable<PublishedPath> {
  return defer(() => {
    const ours = lstatSync(bound);
    const link = (): PublishedPath => linked(bound, path, ours);
    return defer(() => of(link())).pipe(
      catchError((error: unknown) =>
        existedAlready(error) ? removeStale(path).pipe(map(link)) : throwError(() => error),
      ),
      catchError((error: unknown) => {
        if (isSame(path, ours)) return of(published(path, ours));
        // Two have removed the same stale socket, and the other one was first.
        return throwError(() =>
          existedAlready(error) ? inUse(`${path} was taken at the same time`) : error,
        );
      }),
    );
  });
}

function linked(bound: string, path: string, ours: Stats): PublishedPath {
  try {
    linkSync(bound, path);
  } catch (error) {
    if (!existedAlready(error) || !isSame(path, ours)) throw error;
  }
  unlinkIfThere(bound);
  return published(path, ours);
}

function published(path: string, ours: Stats): PublishedPath {
  return {
    remove: () => {
      try {
        removeIfSame(path, ours);
      } catch {
        // The folder is no longer ours to change: the file stays, as after a crash.
      }
    },
  };
}

function removeIfSame(path: string, ours: Stats): void {
  if (isSame(path, ours)) unlinkIfThere(path);
}

function isSame(path: string, { ino, dev }: Stats): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.ino === ino && found.dev === dev;
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/**
 * Completes when `path` is free: nothing is there, or a socket that is left over from a crash.
 *
 * Error notifications: an error with `code` EADDRINUSE; the file system's errors.
 */
export function checkNotInUse(path: string): Observable<never> {
  return leftover(path).pipe(ignoreElements());
}

function removeStale(path: string): Observable<void> {
  return leftover(path).pipe(
    // A file that has been put there since is not stale.
    map((found) => found && removeIfSame(path, found)),
  );
}

/** Emits the socket at `path` on which nobody listens, or `undefined` where no file is; completes. */
function leftover(path: string): Observable<Stats | undefined> {
  return new Observable((subscriber) => {
    const found = lstatSync(path, { throwIfNoEntry: false });
    const answer = (stale?: Stats): void => {
      subscriber.next(stale);
      subscriber.complete();
    };
    if (!found) {
      answer();
      return undefined;
    }
    if (!found.isSocket()) {
      subscriber.error(inUse(`${path} exists and is not a socket`));
      return undefined;
    }
    const probe = connect({ path });
    probe.on('connect', () => subscriber.error(inUse(`another program listens on ${path}`)));
    probe.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') answer(found);
      // Somebody has just removed it.
      else if (error.code === 'ENOENT') answer();
      else if (error.code === 'EACCES') subscriber.error(inUse(`${path} belongs to another user`));
      else subscriber.error(error);
    });
    return () => probe.destroy();
  });
}

function existedAlready(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EEXIST';
}

function inUse(reason: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`address in use: ${reason}`), { code: 'EADDRINUSE' });
}
