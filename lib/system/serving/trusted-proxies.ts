/** Which proxies are trusted, by their addresses. `BlockList` of node:net does the arithmetic; the engine gets a function. */
import { BlockList, isIP } from 'node:net';
import { quoted } from '../../core/text/quoted.js';
import type { TrustProxy } from '../../operators/request/forwarded.js';

/** What `REMOTE_ADDR` is for a proxy that comes by a Unix socket. */
const UNIX = 'unix:';
const CIDR = /^([^/]+)(?:\/([0-9]{1,3}))?$/;
const ZONE = /%.*$/;

/**
 * Makes a `trustProxy` function from addresses, for `handleScgi` and `decodeScgi`. `serveScgi` takes the addresses themselves.
 *
 *     handleScgi(handler, { trustProxy: trustedProxies(['10.0.0.0/8', '::1']) })
 *
 * @param addresses - IPv4 and IPv6 addresses, ranges such as `10.0.0.0/8`, and `unix:` for proxies that come by a Unix socket.
 * @throws TypeError that names the first invalid address.
 * @example
 * ```ts
 * import { handleScgi, text } from 'rxscgi';
 * import { trustedProxies } from 'rxscgi/node';
 *
 * const trustProxy = trustedProxies(['10.0.0.0/8', '::1']);
 * export const connection = handleScgi(({ remoteAddress }) => text(`${remoteAddress}`), { trustProxy });
 * ```
 */
export function trustedProxies(addresses: string | readonly string[]): TrustProxy {
  if (typeof addresses !== 'string' && !Array.isArray(addresses))
    throw new TypeError(`trustedProxies takes an address or an array of them, not ${quoted(addresses)}`);
  const list = new BlockList();
  let trustsUnix = false;
  for (const address of typeof addresses === 'string' ? [addresses] : addresses) {
    if (address === UNIX) trustsUnix = true;
    else addTo(list, address);
  }
  return (address) => {
    if (address === undefined) return false;
    if (address === UNIX) return trustsUnix;
    const bare = address.replace(ZONE, '');
    const family = isIP(bare);
    return family !== 0 && list.check(bare, family === 4 ? 'ipv4' : 'ipv6');
  };
}

function addTo(list: BlockList, entry: unknown): void {
  const [, address = '', prefix] = (typeof entry === 'string' && CIDR.exec(entry)) || [];
  const family = isIP(address);
  const bits = family === 4 ? 32 : 128;
  if (family === 0 || Number(prefix ?? bits) > bits)
    throw new TypeError(`trustProxy must name addresses or ranges such as 10.0.0.0/8, not ${quoted(entry)}`);
  const type = family === 4 ? 'ipv4' : 'ipv6';
  if (prefix === undefined) list.addAddress(address, type);
  else list.addSubnet(address, Number(prefix), type);
}
