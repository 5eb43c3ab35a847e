/** Who may connect to a Unix socket: the permissions, owner and group of its file. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { OptionNames } from '../../core/options.js';

/** Options of `listen` and `serveScgi` about the files of Unix sockets. */
export interface SocketAccessOptions {
  /** Permissions of a Unix socket's file. Default 0o600, the owner alone; with `socketGroup` 0o660. */
  readonly socketMode?: number | undefined;
  /** Owner of a Unix socket's file, by name or number. Only root may set another user. Default: the user of this process. */
  readonly socketOwner?: string | number | undefined;
  /** Group of a Unix socket's file, by name or number. The process must belong to it, or run as root. Default: the group of this process. */
  readonly socketGroup?: string | number | undefined;
}

export const SOCKET_ACCESS_OPTIONS: OptionNames<SocketAccessOptions> = {
  socketMode: true,
  socketOwner: true,
  socketGroup: true,
};

/** Options of `listen`. */
export interface ListenOptions extends SocketAccessOptions {
  /** Called with the address that was bound, the port included. */
  readonly onListening?: ((address: string) => void) | undefined;
}

export const LISTEN_OPTIONS: OptionNames<ListenOptions> = { ...SOCKET_ACCESS_OPTIONS, onListening: true };

/** Verified access; an id that is undefined stays as the system has set it. */
export interface SocketAccess {
  readonly mode: number;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/** What `chown` accepts; the highest number of 32 bits stands for "no change". */
const MAX_ID = 2 ** 32 - 2;

/** Names that `useradd` and `groupadd` allow, so that none is taken for an option of `getent`. */
const NAME = /^[a-z_][a-z0-9_.-]*\$?$/i;

/** @throws RangeError | TypeError naming the option that is wrong. */
export function verifySocketAccess(options: SocketAccessOptions): SocketAccess {
  const uid = verifyId('socketOwner', options.socketOwner, 'passwd');
  const gid = verifyId('socketGroup', options.socketGroup, 'group');
  // Somebody who names a group wants it let in.
  return { mode: verifyMode(options.socketMode ?? (gid === undefined ? 0o600 : 0o660)), uid, gid };
}

function verifyMode(mode: number): number {
  if (Number.isInteger(mode) && mode >= 0 && mode <= 0o777) return mode;
  throw new RangeError(`socketMode must be permission bits, 0 to 0o777, not ${String(mode)}`);
}

function verifyId(option: string, value: unknown, database: 'passwd' | 'group'): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' || (typeof value === 'string' && /^[0-9]+$/.test(value))) {
    const id = Number(value);
    if (Number.isInteger(id) && id >= 0 && id <= MAX_ID) return id;
    throw new RangeError(`${option} must be a name, or a number from 0 to ${MAX_ID}, not ${value}`);
  }
  if (typeof value !== 'string') throw new TypeError(`${option} must be a name or a number`);
  const id = NAME.test(value) ? (idInFile(value, database) ?? idBySwitch(value, database)) : undefined;
  if (id !== undefined) return id;
  const kind = database === 'passwd' ? 'user' : 'group';
  throw new TypeError(`${option} must be a ${kind} of this system, which ${JSON.stringify(value)} is not`);
}

/** Looks a name up in `/etc/passwd` or `/etc/group`, where the accounts of services are. */
function idInFile(name: string, database: 'passwd' | 'group'): number | undefined {
  try {
    return idInLines(readFileSync(`/etc/${database}`, 'latin1'), name);
  } catch {
    return undefined;
  }
}

/** Asks the name service switch, which also knows the accounts of a directory service. getent(1) */
function idBySwitch(name: string, database: 'passwd' | 'group'): number | undefined {
  try {
    const found = execFileSync('getent', [database, name], {
      encoding: 'latin1',
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 5000,
    });
    return idInLines(found, name);
  } catch {
    // No such name, or a system without getent.
    return undefined;
  }
}

/** The third field of the line that begins with the name: `www-data:x:33:…` */
function idInLines(lines: string, name: string): number | undefined {
  const fields = lines.split('\n').map((line) => line.split(':'));
  const id = fields.find(([first]) => first === name)?.[2];
  return id !== undefined && /^[0-9]+$/.test(id) ? Number(id) : undefined;
}
