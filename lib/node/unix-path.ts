/** Binds a path in the file system without a moment in which it is missing, half made, or open to the wrong people. */
import { chmodSync, linkSync, lstatSync, unlinkSync, type Stats } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { Observable, catchError, defer, map, of, throwError } from 'rxjs';

/** Distinguishes the sockets of one process while they are being made. */
let made = 0;

/** A name beside `path` to bind first: short, as the system bounds the length of a socket's path. */
export function temporaryPathFor(path: string): string {
  made++;
  return join(dirname(path), `.${process.pid}.${made}`);
}

/** A socket file that is in place; `remove` takes it away, unless somebody has put another there. */
export interface PublishedPath {
  remove(): void;
}

/**
 * Moves a socket from the path where it was bound to the one where it is wanted.
 *
 * `link` fails where a file is already, so that of two programs one wins. A socket there that nobody listens on is left
 * over from a crash, and replaced; a live one is not.
 *
 * Error notifications: an error with `code` EADDRINUSE; what the file system says.
 */
export function publishPath(temporary: string, path: string, mode: number): Observable<PublishedPath> {
  return defer(() => {
    chmodSync(temporary, mode);
    return of(linked(temporary, path));
  }).pipe(
    catchError((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return throwError(() => error);
      return removeStale(path).pipe(map(() => linked(temporary, path)));
    }),
  );
}

function linked(temporary: string, path: string): PublishedPath {
  linkSync(temporary, path);
  unlinkSync(temporary);
  const ours = lstatSync(path);
  return { remove: () => removeIfSame(path, ours) };
}

function removeIfSame(path: string, ours: Stats): void {
  try {
    const { ino, dev } = lstatSync(path);
    if (ino === ours.ino && dev === ours.dev) unlinkSync(path);
  } catch {
    // Gone already, which is what we want.
  }
}

function removeStale(path: string): Observable<void> {
  return new Observable((subscriber) => {
    if (!lstatSync(path).isSocket()) {
      subscriber.error(inUse(`${path} exists and is no socket`));
      return undefined;
    }
    const probe = connect({ path });
    probe.on('connect', () => subscriber.error(inUse(`another program listens on ${path}`)));
    probe.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNREFUSED') {
        subscriber.error(error);
        return;
      }
      unlinkSync(path);
      subscriber.next();
      subscriber.complete();
    });
    return () => probe.destroy();
  });
}

function inUse(message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`address in use: ${message}`), { code: 'EADDRINUSE', syscall: 'listen' });
}
