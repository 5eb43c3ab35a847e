/**
 * Verifies the values of `rxscgi config` before they go into a configuration.
 *
 * Each kind of value has a list of the characters that it may consist of. Quotes, blanks, line ends, `$`, `;`, braces and everything else
 * that means something in one of the four languages is refused, so that no value needs quoting: a value can be nothing but a value.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { quoted } from '../../core/text/quoted.js';
import { formatAddress, parseAddress, type Address } from '../../server/address.js';
import { misuse } from '../command-error.js';
import { seeHelp } from '../command.js';

export const HINT = seeHelp('config');

const PATH = /^(?:\/[A-Za-z0-9._~@+,=-]+)+$/;
const MOUNT = /^(?:\/[A-Za-z0-9._~-]+)+$/;
const HOST_NAME = /^(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i;
const ACCOUNT = /^(?:[a-z_][a-z0-9_-]{0,31}|[0-9]{1,9})$/i;
const UNIT = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/;

/** Where a server listens: on an address, or on all. */
export interface HttpAddress {
  /** An IP address, IPv6 in brackets; `undefined` for all. */
  readonly host: string | undefined;
  readonly port: number;
}

/** @throws CommandError */
export function absolutePath(flag: string, text: string): string {
  if (PATH.test(text) && !DOT_SEGMENT.test(text)) return text;
  throw misuse(
    `--${flag} takes an absolute path of letters, digits and ._~@+,=- here, not ${quoted(text)}`,
    HINT,
  );
}

/** @throws CommandError */
export function mountPath(text: string): string {
  if (MOUNT.test(text) && !DOT_SEGMENT.test(text)) return text;
  throw misuse(
    `--mount takes a path of letters, digits and ._~- here, such as /app, not ${quoted(text)}`,
    HINT,
  );
}

/** @throws CommandError */
export function hostName(text: string): string {
  if (text.length <= 253 && HOST_NAME.test(text)) return text.toLowerCase();
  throw misuse(`--server-name takes the name of a host, not ${quoted(text)}`, HINT);
}

/** @throws CommandError */
export function account(flag: string, text: string): string {
  if (ACCOUNT.test(text)) return text;
  throw misuse(`--${flag} takes a name or a number of this system, not ${quoted(text)}`, HINT);
}

/** @throws CommandError */
export function unitName(text: string): string {
  if (UNIT.test(text)) return text;
  throw misuse(`--name takes letters, digits and _.-, not ${quoted(text)}`, HINT);
}

/**
 * The path of a module, for systemd, whose language can quote everything but a backslash.
 *
 * @throws CommandError
 */
export function modulePath(text: string): string {
  const isPath = /^\/(?:[^/]+\/)*[^/]+$/.test(text) && !DOT_SEGMENT.test(text);
  if (isPath && !/[\\\p{Cc}\u2028\u2029]|\s\/[^/]*$/u.test(text)) return text;
  throw misuse(`--module takes the absolute path of a file, not ${quoted(text)}`, HINT);
}

/** Bytes; Infinity for `none`. @throws CommandError */
export function byteLimit(flag: string, text: string): number {
  const bytes = text === 'none' ? Infinity : /^[0-9]{1,15}$/.test(text) ? Number(text) : NaN;
  if (bytes >= 1) return bytes;
  throw misuse(`--${flag} takes a whole number, at least 1, or none, not ${quoted(text)}`, HINT);
}

/** `8080`, `127.0.0.1:8080`, `[::1]:8080`. @throws CommandError */
export function httpAddress(text: string): HttpAddress {
  const [, host, digits = text] = /^(.*):([0-9]+)$/.exec(text) ?? [];
  const port = /^[0-9]{1,5}$/.test(digits) ? Number(digits) : NaN;
  const isHost = host === undefined || isIPv4(host) || (/^\[.*\]$/.test(host) && isIPv6(host.slice(1, -1)));
  if (isHost && port >= 1 && port <= 65_535 && !host?.includes('%')) return { host, port };
  throw misuse(`--http takes a port, or an IP address and a port, not ${quoted(text)}`, HINT);
}

/**
 * The address that an application listens on. @throws CommandError for one that cannot be written into a configuration.
 */
export function applicationAddress(text: string): Address {
  let address: Address;
  try {
    address = parseAddress(text);
  } catch (error) {
    throw misuse((error as Error).message, HINT);
  }
  switch (address.kind) {
    case 'unix':
      absolutePath('listen', address.path);
      return address;
    case 'tcp':
      if (address.port === 0) throw misuse('--listen needs a port here, not 0', HINT);
      if (isIPv6(address.host) ? address.host.includes('%') : !HOST_NAME.test(address.host)) break;
      return address;
    case 'systemd':
      if (address.name === undefined || UNIT.test(address.name)) return address;
      break;
    case 'abstract':
      if (UNIT.test(address.name)) return address;
      break;
    case 'fd':
      break;
    default:
      return address satisfies never;
  }
  throw misuse(`--listen ${quoted(formatAddress(address))} cannot be written into a configuration`, HINT);
}
