/**
 * Unix sockets that several worker processes share.
 *
 * `node:cluster` binds in the primary what a worker asks for, once for all workers that ask for the same. So the workers of one
 * primary ask for the same path in a private folder. Where the primary is ours, it moves the socket to the path where it is
 * wanted and removes it; where the primary is another program (pm2), the first worker that listens moves it.
 */
import cluster from 'node:cluster';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BOUND_NAME } from './binding-folder.js';

/** Set by a primary of ours to its name. */
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

/**
 * A name for the primary of another program, the same in all of its workers: its process id and, on Linux, when it started, as
 * ids are used again (in a container, at each start).
 */
export function foreignPrimaryName(): string {
  return `${process.ppid}.${process.ppid.toString(36)}${startTimeOf(process.ppid)}`;
}

/** Whether this process is a worker of any `node:cluster`: only `node:net` gets its sockets from the primary. */
export function isClusterWorker(): boolean {
  return cluster.isWorker;
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
 * Where the workers of a primary bind a Unix socket: in a folder with a short name, as the system bounds the length of a socket's
 * path, and without the process id of ours, as the primaries of two containers may share a folder and have the same id.
 *
 * @param index - the place of the address among those that are listened on.
 */
export function sharedPathFor(path: string, primaryName: string, index: number): string {
  const word = primaryName.slice(primaryName.indexOf('.') + 1);
  return join(dirname(path), `.${word}${index}`, BOUND_NAME);
}

/**
 * Six characters that two processes will hardly have in common. Not secret: the folder that is named so is private.
 * `node:crypto`, which has better ones, takes a megabyte to load.
 */
function randomWord(): string {
  return Math.floor(Math.random() * 36 ** 6)
    .toString(36)
    .padStart(6, '0');
}

/** In clock ticks since the system started, as letters and digits. proc_pid_stat(5), field 22. */
function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name, which may contain spaces and parentheses.
    const field = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return Number(field).toString(36);
  } catch {
    return '';
  }
}
