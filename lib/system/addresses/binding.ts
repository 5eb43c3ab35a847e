/** What to ask the system for in order to listen on an address, and what to do before and after. */
import cluster from 'node:cluster';
import { existsSync } from 'node:fs';
import { catchError, map, of, throwError, type Observable } from 'rxjs';
import type { Address } from '../../server/address.js';
import { BindingFolder } from './binding-folder.js';
import type { SocketAccess } from './socket-access.js';
import type { PublishedPath } from './unix-path.js';
import { foreignPrimaryName, primaryNameOf, sharedPathFor } from './worker-socket.js';

/** What the system is asked for; `server.listen` takes it as it is. */
export type ListenTarget =
  { readonly host: string; readonly port: number } | { readonly path: string } | { readonly fd: number };

/** How one address is bound. */
export interface Binding {
  readonly target: ListenTarget;
  /** To be subscribed once it listens; the result is to be removed in the end. */
  readonly publish: () => Observable<PublishedPath>;
  /** To be called once it is published, or when it never is. */
  readonly release: () => void;
}

const NOTHING_TO_REMOVE: PublishedPath = { remove: () => undefined };

/**
 * Prepares the binding of an address.
 *
 * @param index - its place among those that are listened on.
 * @throws the system's errors about the folder of a Unix socket, and ENAMETOOLONG.
 */
export function bindingFor(address: Address, index: number, access: SocketAccess): Binding {
  switch (address.kind) {
    case 'tcp':
      return plain({ host: address.host, port: address.port });
    case 'unix':
      return unixBinding(address.path, index, access);
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

function plain(target: ListenTarget): Binding {
  return { target, publish: () => of(NOTHING_TO_REMOVE), release: () => undefined };
}

function unixBinding(path: string, index: number, access: SocketAccess): Binding {
  const primary = primaryNameOf();
  // Our primary has made the folder, and publishes.
  if (primary !== undefined) return plain({ path: sharedPathFor(path, primary, index) });
  const isShared = cluster.isWorker;
  const folder = isShared
    ? BindingFolder.shared(sharedPathFor(path, foreignPrimaryName(), index), path)
    : BindingFolder.beside(path);
  const publish = (): Observable<PublishedPath> => folder.publish(path, access);
  return {
    target: { path: folder.socketPath },
    publish: isShared ? () => publishedOnce(publish(), path) : publish,
    release: isShared ? () => folder.leave() : () => folder.remove(),
  };
}

/** Publishes unless a sibling has done so; the siblings go on using the file when this process ends. */
function publishedOnce(publishing: Observable<PublishedPath>, path: string): Observable<PublishedPath> {
  return publishing.pipe(
    map(() => NOTHING_TO_REMOVE),
    catchError((error: unknown) => {
      const isPublished = (error as NodeJS.ErrnoException).code === 'ENOENT' && existsSync(path);
      return isPublished ? of(NOTHING_TO_REMOVE) : throwError(() => error);
    }),
  );
}
