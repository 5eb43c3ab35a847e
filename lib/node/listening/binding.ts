/** What to ask the system for in order to listen on an address, and what is left to do then. */
import { chmodSync, unlinkSync } from 'node:fs';
import cluster from 'node:cluster';
import type { ListenOptions } from 'node:net';
import { type Observable, defer, of } from 'rxjs';
import type { Address } from '../../server/address.js';
import { checkPathLength, publishPath, temporaryPathFor, type PublishedPath } from './unix-path.js';
import { primaryNameOf, sharedPathFor } from './worker-socket.js';

/** How one address is bound. */
export interface Binding {
  /** For `server.listen`. */
  readonly listen: ListenOptions & { fd?: number };
  /** To be done once it listens, and undone by `remove` in the end. */
  readonly publish: () => Observable<PublishedPath>;
  /** To be done when it never got so far. */
  readonly discard: () => void;
}

const NOTHING_TO_REMOVE: PublishedPath = { remove: () => undefined };

/**
 * The binding of an address.
 *
 * @param index - its place among those that are listened on.
 * @throws an error with `code` ENAMETOOLONG for the path of a Unix socket that is too long.
 */
export function bindingFor(address: Address, index: number, socketMode: number): Binding {
  switch (address.kind) {
    case 'tcp':
      return plain({ host: address.host, port: address.port });
    case 'unix':
      return unixBinding(address.path, index, socketMode);
    case 'abstract':
      return plain({ path: `\0${address.name}` });
    case 'fd':
      return plain({ fd: address.fd });
    case 'systemd':
      throw new TypeError('systemd stands for descriptors, which are worked out before');
    default:
      return address satisfies never;
  }
}

function plain(listen: Binding['listen']): Binding {
  return { listen, publish: () => of(NOTHING_TO_REMOVE), discard: () => undefined };
}

function unixBinding(path: string, index: number, socketMode: number): Binding {
  checkPathLength(path);
  const primary = primaryNameOf();
  if (primary !== undefined) {
    const shared = sharedPathFor(path, primary, index);
    checkPathLength(shared);
    return plain({ path: shared });
  }
  if (cluster.isWorker) {
    // Somebody else's primary binds for its workers: the path itself, which must be the same for all.
    const publish = (): Observable<PublishedPath> =>
      defer(() => {
        chmodSync(path, socketMode);
        return of(NOTHING_TO_REMOVE);
      });
    return { listen: { path }, publish, discard: () => undefined };
  }
  const temporary = temporaryPathFor(path);
  checkPathLength(temporary);
  return {
    listen: { path: temporary },
    publish: () => publishPath(temporary, path, socketMode),
    discard: () => quietlyUnlink(temporary),
  };
}

function quietlyUnlink(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Never bound, or removed with the server.
  }
}
