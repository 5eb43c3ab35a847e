/**
 * Unix sockets that several worker processes share.
 *
 * `node:cluster` binds in the primary whatever a worker asks for, once for all workers that ask for the same. So the workers
 * of one primary ask for the same temporary path, and the primary alone puts it where it is wanted and takes it away.
 */
import cluster from 'node:cluster';
import { dirname, join } from 'node:path';
import { randomWord } from './random-word.js';

/** Set by a primary of ours to its name; a worker of somebody else's primary binds the path itself. */
export const PRIMARY_VARIABLE = 'RXSCGI_PRIMARY';

/** A name for this process as a primary: its id, as variables are inherited further than by workers, and a random word. */
export function newPrimaryName(): string {
  return `${process.pid}.${randomWord()}`;
}

/** The name of the primary, in a worker of the command's own; none in any other process. */
export function primaryNameOf(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const name = env[PRIMARY_VARIABLE];
  return cluster.isWorker && name?.startsWith(`${process.ppid}.`) ? name : undefined;
}

/** Whether this process is a worker of the command's own primary. */
export function isOurWorker(env: NodeJS.ProcessEnv = process.env): boolean {
  return primaryNameOf(env) !== undefined;
}

/** The processes that count as this one: a worker acts for its primary. */
export function ownPids(env: NodeJS.ProcessEnv = process.env): number[] {
  return isOurWorker(env) ? [process.pid, process.ppid] : [process.pid];
}

/**
 * Where the workers of a primary bind a Unix socket, before it is published: a short name, as the system bounds the length of
 * a socket's path, and by the random word alone, as the primaries of two containers may share a folder and have the same id.
 *
 * @param index - the place of the address among those that are listened on.
 */
export function sharedPathFor(path: string, primaryName: string, index: number): string {
  const word = primaryName.slice(primaryName.indexOf('.') + 1);
  return join(dirname(path), `.${word}.${index}`);
}
