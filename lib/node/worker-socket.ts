/**
 * Unix sockets that several worker processes share.
 *
 * `node:cluster` binds in the primary whatever a worker asks for, once for all workers that ask for the same. So the workers
 * of one primary ask for the same temporary path, and the primary alone puts it where it is wanted and takes it away.
 */
import cluster from 'node:cluster';
import { dirname, join } from 'node:path';

/** Set by a primary of ours to its own id; a worker of somebody else's primary binds the path itself. */
export const PRIMARY_VARIABLE = 'RXSCGI_PRIMARY_PID';

/** Whether this process is a worker of the command's own primary. */
export function isOurWorker(env: NodeJS.ProcessEnv = process.env): boolean {
  return cluster.isWorker && env[PRIMARY_VARIABLE] === String(process.ppid);
}

/** The processes that count as this one: a worker acts for its primary. */
export function ownPids(env: NodeJS.ProcessEnv = process.env): number[] {
  return isOurWorker(env) ? [process.pid, process.ppid] : [process.pid];
}

/**
 * Where the workers of a primary bind a Unix socket, before it is published.
 *
 * @param index - the place of the address among those that are listened on.
 */
export function sharedPathFor(path: string, primaryPid: number, index: number): string {
  return join(dirname(path), `.${primaryPid}.w${index}`);
}
