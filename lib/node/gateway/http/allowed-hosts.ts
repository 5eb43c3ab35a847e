/**
 * Tells which hosts a request may name. A page of any site can have its own name resolved to an address of this machine (DNS rebinding),
 * and then read what a gateway on it answers; the browser still names that site as the host.
 */
import { isIP } from 'node:net';

/** A host, an IPv6 address in brackets, and a port. */
const AUTHORITY = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([0-9]*))?$/i;

/** Returns the host of an authority, without its port, in lower case; `undefined` for what is no authority. */
export function hostOf(authority: string): string | undefined {
  return AUTHORITY.exec(authority)?.[1]?.toLowerCase();
}

/**
 * Tells whether a request may name this host: `localhost`, the names below it, an IP address, or one of `allowed`.
 *
 * @param authority - a `Host` field, with or without a port.
 * @param allowed - names in lower case; `.example.com` also allows the names below it.
 */
export function isAllowedHost(authority: string, allowed: readonly string[]): boolean {
  const host = hostOf(authority)?.replace(/\.$/, '');
  if (host === undefined || host === '') return false;
  // No name, so that nobody can have it resolved to another address.
  if (host.startsWith('[') || isIP(host) !== 0) return true;
  return ['.localhost', ...allowed].some((name) =>
    name.startsWith('.') ? `.${host}`.endsWith(name) : host === name,
  );
}
