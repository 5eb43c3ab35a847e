/** The server's options: their units, their defaults, and the one place that verifies them. */
import type { Observable } from 'rxjs';
import {
  verifyLimit,
  verifyOptionNames,
  verifySwitch,
  verifyTimeout,
  type OptionNames,
} from '../core/options.js';
import {
  HANDLE_OPTIONS,
  verifyHandleOptions,
  type HandleOptions,
  type HandleSettings,
} from '../operators/engine-options.js';
import type { Address } from './address.js';
import { resolveAddresses } from '../node/listening/resolve-addresses.js';
import {
  SOCKET_ACCESS_OPTIONS,
  verifySocketAccess,
  type SocketAccess,
  type SocketAccessOptions,
} from '../node/listening/socket-access.js';
import {
  WRITE_OPTIONS,
  verifyWriteOptions,
  type WriteOptions,
  type WriteSettings,
} from './connection-writer.js';

/** Options of `serveScgi`. `lenientDuplicates` is on by default, so that Debian's nginx and lighttpd work. */
export interface ServeOptions extends Omit<HandleOptions, 'flow'>, WriteOptions, SocketAccessOptions {
  /** Addresses: all are bound, or none. */
  readonly listen: string | readonly string[];
  /** When it notifies: stop accepting, finish what is under way, complete. */
  readonly until?: Observable<unknown> | undefined;
  /** Connections handled at once. Default 1 000. */
  readonly maxConnections?: number | undefined;
  /** Connections held unread beyond those, until one ends. Default 1 000. More are answered 503. */
  readonly maxWaiting?: number | undefined;
  /** How long what is under way may take after `until`, in milliseconds; then it is cut. Default 30 000. */
  readonly drainTimeoutMs?: number | undefined;
}

export interface ServeSettings {
  readonly handle: HandleSettings;
  readonly write: WriteSettings;
  readonly addresses: readonly Address[];
  readonly until: Observable<unknown> | undefined;
  readonly maxConnections: number;
  readonly maxWaiting: number;
  readonly drainTimeoutMs: number;
  readonly access: SocketAccess;
}

// The server makes a flow for each connection.
const { flow: _, ...OPTIONS_OF_HANDLE } = HANDLE_OPTIONS;

const SERVE_OPTIONS: OptionNames<ServeOptions> = {
  ...OPTIONS_OF_HANDLE,
  ...WRITE_OPTIONS,
  ...SOCKET_ACCESS_OPTIONS,
  listen: true,
  until: true,
  maxConnections: true,
  maxWaiting: true,
  drainTimeoutMs: true,
};

/** @throws RangeError | TypeError naming the first option that is wrong. */
export function verifyServeOptions(options: ServeOptions): ServeSettings {
  verifyOptionNames('serveScgi', options, SERVE_OPTIONS);
  const listen = typeof options.listen === 'string' ? [options.listen] : options.listen;
  if (!Array.isArray(listen) || listen.length === 0)
    throw new TypeError('listen must be an address, or some of them');
  return {
    handle: verifyHandleOptions({
      ...options,
      lenientDuplicates: verifySwitch('lenientDuplicates', options.lenientDuplicates, true),
    }),
    write: verifyWriteOptions(options),
    addresses: resolveAddresses(listen as readonly string[]),
    until: options.until,
    maxConnections: verifyLimit('maxConnections', options.maxConnections, 1000),
    maxWaiting: verifyLimit('maxWaiting', options.maxWaiting, 1000, 0),
    drainTimeoutMs: verifyTimeout('drainTimeoutMs', options.drainTimeoutMs, 30_000),
    access: verifySocketAccess(options),
  };
}
