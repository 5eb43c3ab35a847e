/** Binds a path in the file system without a moment in which it is missing, half made, or open to the wrong people. */
import { chmodSync, linkSync, lstatSync, unlinkSync, type Stats } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { Observable, catchError, defer, ignoreElements, map, of, throwError } from 'rxjs';
import { randomWord } from './random-word.js';

/** Bytes that a socket's address has for a path, less the NUL at its end. */
const MAX_PATH_BYTES = process.platform === 'linux' ? 107 : 103;

/**
 * A name beside `path` to bind first: short, as the system bounds the length of a socket's path, and random, as the
 * processes of two containers may share a folder and have the same ids.
 */
export function temporaryPathFor(path: string): string {
  return join(dirname(path), `.${randomWord()}`);
}

/**
 * Libuv cuts a path that is too long short, in silence; and nobody could connect to it.
 *
 * @throws an error with `code` ENAMETOOLONG.
 */
export function checkPathLength(path: string): void {
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return;
  const message = `name too long: a Unix socket's path has at most ${MAX_PATH_BYTES} bytes, unlike ${path}`;
  throw Object.assign(new Error(message), { code: 'ENAMETOOLONG', syscall: 'listen' });
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
      if (!existedAlready(error)) return throwError(() => error);
      return removeStale(path).pipe(map(() => linked(temporary, path)));
    }),
    // Two have removed the same stale socket, and the other one was first.
    catchError((error: unknown) =>
      throwError(() => (existedAlready(error) ? inUse(`${path} was taken`) : error)),
    ),
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

/**
 * Completes when `path` is free to be taken: there is nothing, or a socket that is left over from a crash.
 *
 * Error notifications: an error with `code` EADDRINUSE; what the file system says.
 */
export function checkNotInUse(path: string): Observable<never> {
  return leftover(path).pipe(ignoreElements());
}

function removeStale(path: string): Observable<void> {
  return leftover(path).pipe(
    // What has been put there since is not stale.
    map((found) => found && removeIfSame(path, found)),
  );
}

/** The socket at `path` on which nobody listens, if there is one. */
function leftover(path: string): Observable<Stats | undefined> {
  return new Observable((subscriber) => {
    const found = lstatSync(path, { throwIfNoEntry: false });
    const answer = (): void => {
      subscriber.next(found);
      subscriber.complete();
    };
    if (!found) {
      answer();
      return undefined;
    }
    if (!found.isSocket()) {
      subscriber.error(inUse(`${path} exists and is no socket`));
      return undefined;
    }
    const probe = connect({ path });
    probe.on('connect', () => subscriber.error(inUse(`another program listens on ${path}`)));
    probe.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') answer();
      else subscriber.error(error);
    });
    return () => probe.destroy();
  });
}

function existedAlready(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EEXIST';
}

function inUse(message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`address in use: ${message}`), { code: 'EADDRINUSE', syscall: 'listen' });
}
