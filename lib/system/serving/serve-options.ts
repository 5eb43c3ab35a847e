/** The options of `serveScgi`: those of any server, and where to listen. */
import type { Observable } from 'rxjs';
import { verifyOptionNames, type OptionNames } from '../../core/options.js';
import type { Address } from '../../server/address.js';
import {
  SERVER_OPTIONS,
  verifyServerOptions,
  type ServerOptions,
  type ServerSettings,
} from '../../server/server-options.js';
import { resolveAddresses } from '../addresses/resolve-addresses.js';
import { trustedProxies } from './trusted-proxies.js';
import {
  SOCKET_ACCESS_OPTIONS,
  verifySocketAccess,
  type SocketAccess,
  type SocketAccessOptions,
} from '../addresses/socket-access.js';

/** The argument of a module's `start()`, which `rxscgi serve` and `rxscgi dev` call. */
export interface StartContext {
  /** Emits once when the server begins to drain, and completes; a late subscriber gets the notification, too. */
  readonly draining: Observable<void>;
}

/** Options of `serveScgi`. */
export interface ServeOptions extends Omit<ServerOptions, 'trustProxy'>, SocketAccessOptions {
  /** The addresses to listen on. If one cannot be bound, none is. */
  readonly listen: string | readonly string[];
  /**
   * The proxies in front of the web server that are trusted to name the client: their addresses and ranges (`10.0.0.0/8`), their
   * number, or a function. Default none.
   */
  readonly trustProxy?: string | readonly string[] | ServerOptions['trustProxy'];
}

/** Verified options, defaults filled in. */
export interface ServeSettings extends ServerSettings {
  readonly addresses: readonly Address[];
  readonly access: SocketAccess;
}

const SERVE_OPTIONS: OptionNames<ServeOptions> = {
  ...SERVER_OPTIONS,
  ...SOCKET_ACCESS_OPTIONS,
  listen: true,
};

/** @throws RangeError | TypeError naming the first option that is wrong. */
export function verifyServeOptions(options: ServeOptions): ServeSettings {
  if ((options as ServeOptions | undefined) === undefined)
    throw new TypeError("serveScgi needs options that say where to listen: { listen: '127.0.0.1:4000' }");
  verifyOptionNames('serveScgi', options, SERVE_OPTIONS);
  const listen = typeof options.listen === 'string' ? [options.listen] : options.listen;
  if (!Array.isArray(listen) || listen.length === 0 || listen.some((each) => typeof each !== 'string'))
    throw new TypeError('listen must be an address, or some of them');
  return {
    ...verifyServerOptions({ ...options, trustProxy: verifyTrustProxy(options.trustProxy) }),
    addresses: resolveAddresses(listen as readonly string[]),
    access: verifySocketAccess(options),
  };
}

/** Makes a function of addresses; what the engine takes is left to it. @throws TypeError */
export function verifyTrustProxy(value: ServeOptions['trustProxy']): ServerOptions['trustProxy'] {
  return typeof value === 'string' || Array.isArray(value)
    ? trustedProxies(value as string | string[])
    : (value as ServerOptions['trustProxy']);
}
