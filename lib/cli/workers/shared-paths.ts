/** The Unix sockets of a primary: its workers bind them in private folders, and it moves them to where they are wanted. */
import {
  EMPTY,
  catchError,
  concat,
  defer,
  finalize,
  ignoreElements,
  merge,
  shareReplay,
  tap,
  throwError,
  type Observable,
} from 'rxjs';
import { BindingFolder } from '../../system/addresses/binding-folder.js';
import { listenError } from '../../system/addresses/listen-error.js';
import type { SocketAccess } from '../../system/addresses/socket-access.js';
import { checkNotInUse, type PublishedPath } from '../../system/addresses/unix-path.js';
import { sharedPathFor } from '../../system/addresses/worker-socket.js';
import type { Address } from '../../server/address.js';

interface SharedPath {
  readonly address: Extract<Address, { kind: 'unix' }>;
  /** Where the workers bind it. */
  readonly bound: string;
  /** Exists until the socket has been published. */
  folder: BindingFolder | undefined;
  published: PublishedPath | undefined;
}

export class SharedPaths {
  private readonly paths: readonly SharedPath[];
  private publishing: Observable<never> | undefined;

  /** @param primaryName - what the workers know this process by. */
  constructor(
    primaryName: string,
    addresses: readonly Address[],
    private readonly access: SocketAccess,
  ) {
    this.paths = addresses.flatMap((address, index) => {
      if (address.kind !== 'unix') return [];
      const bound = sharedPathFor(address.path, primaryName, index);
      return [{ address, bound, folder: undefined, published: undefined }];
    });
  }

  /** Completes when nobody else listens there. Error notifications: as of `openServer`. */
  check(): Observable<never> {
    return merge(...this.paths.map(({ address }) => named(checkNotInUse(address.path), address)));
  }

  /** Makes the folders: to be called before a worker starts. Error notifications: as of `openServer`. */
  prepare(): Observable<never> {
    return concat(...this.paths.map((shared) => named(makeFolder(shared), shared.address)));
  }

  /**
   * Moves the sockets that a worker has bound: to be called whenever one listens. They are bound once for all workers, and
   * once more when all have died.
   *
   * Error notifications: as of `openServer`.
   */
  publish(): Observable<never> {
    // Two workers may be ready at the same time, but only one publication finds the socket where it was bound.
    this.publishing ??= defer(() =>
      concat(...this.paths.map((shared) => named(this.publishOne(shared), shared.address))),
    ).pipe(
      finalize(() => (this.publishing = undefined)),
      shareReplay({ bufferSize: 1, refCount: true }),
    );
    return this.publishing;
  }

  /** Removes the sockets, unless somebody else has put others there. */
  remove(): void {
    for (const shared of this.paths) {
      shared.published?.remove();
      shared.published = undefined;
      removeFolder(shared);
    }
  }

  private publishOne(shared: SharedPath): Observable<never> {
    return defer(() => {
      const { folder, address } = shared;
      return folder?.isBound ? folder.publish(address.path, this.access) : EMPTY;
    }).pipe(
      tap((published) => (shared.published = published)),
      finalize(() => removeFolder(shared)),
      ignoreElements(),
    );
  }
}

function makeFolder(shared: SharedPath): Observable<never> {
  return defer(() => {
    shared.folder ??= BindingFolder.shared(shared.bound, shared.address.path);
    return EMPTY;
  });
}

function removeFolder(shared: SharedPath): void {
  shared.folder?.remove();
  shared.folder = undefined;
}

/** Errors name the address. */
function named(source: Observable<unknown>, address: Address): Observable<never> {
  return source.pipe(
    ignoreElements(),
    catchError((error: unknown) => throwError(() => listenError(error, address))),
  );
}
