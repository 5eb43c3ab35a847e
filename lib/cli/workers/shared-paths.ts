/** The Unix sockets of a primary: its workers bind them under other names, and it puts them where they are wanted. */
import { existsSync, unlinkSync } from 'node:fs';
import { concat, defer, finalize, ignoreElements, merge, shareReplay, tap, type Observable } from 'rxjs';
import type { Address } from '../../server/address.js';
import { checkNotInUse, publishPath, type PublishedPath } from '../../node/listening/unix-path.js';
import { sharedPathFor } from '../../node/listening/worker-socket.js';

interface SharedPath {
  readonly path: string;
  /** Where the workers bind it. */
  readonly bound: string;
  published: PublishedPath | undefined;
}

export class SharedPaths {
  private readonly paths: readonly SharedPath[];
  private publishing: Observable<never> | undefined;

  /** @param primaryName - what the workers know this process by. */
  constructor(
    primaryName: string,
    addresses: readonly Address[],
    private readonly socketMode: number,
  ) {
    this.paths = addresses.flatMap((address, index) => {
      if (address.kind !== 'unix') return [];
      const { path } = address;
      return [{ path, bound: sharedPathFor(path, primaryName, index), published: undefined }];
    });
  }

  /** Completes when nobody else listens there. Error notifications: an error with `code` EADDRINUSE. */
  check(): Observable<never> {
    // Left by a process of the same id that crashed between the binding and the publishing.
    for (const { bound } of this.paths) removeIfThere(bound);
    return merge(...this.paths.map(({ path }) => checkNotInUse(path)));
  }

  /**
   * Puts those in place that a worker has bound: to be called whenever one listens. They are bound once for all workers, and
   * once more when all have died.
   *
   * Error notifications: an error with `code` EADDRINUSE; what the file system says.
   */
  publish(): Observable<never> {
    // Two workers may be ready at the same time, but only one publication finds the socket where it was bound.
    this.publishing ??= defer(() =>
      concat(...this.paths.filter(({ bound }) => existsSync(bound)).map((shared) => this.publishOne(shared))),
    ).pipe(
      finalize(() => (this.publishing = undefined)),
      shareReplay({ bufferSize: 1, refCount: true }),
    );
    return this.publishing;
  }

  /** Takes them away, unless somebody else has put others there. */
  remove(): void {
    for (const shared of this.paths) {
      shared.published?.remove();
      shared.published = undefined;
      removeIfThere(shared.bound);
    }
  }

  private publishOne(shared: SharedPath): Observable<never> {
    return publishPath(shared.bound, shared.path, this.socketMode).pipe(
      tap((published) => (shared.published = published)),
      ignoreElements(),
    );
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Published, or never bound.
  }
}
