/**
 * Finds the client behind trusted proxies: RFC 7239 and the older X-Forwarded-* fields.
 *
 * A client may send these fields itself. Only what a trusted proxy has added counts, which is at the end: the walk goes from
 * right to left, and stops at the first address that is not trusted.
 */
import { lastElementOf, parseElement } from './forwarded-element.js';
import { addressIn } from './node-address.js';

/**
 * Returns whether a peer is a trusted proxy: what it says about the client before it is believed.
 *
 * @param address - the address of the peer; `unix:` for a Unix socket, `undefined` when it is not known.
 * @param hop - 0 for the peer of the web server, 1 for the peer of that one, and so on.
 */
export type TrustProxy = (address: string | undefined, hop: number) => boolean;

/** The fields, by which proxies tell of their peers. */
export interface ForwardedFields {
  readonly forwarded: string | undefined;
  readonly xForwardedFor: string | undefined;
  readonly xForwardedProto: string | undefined;
  readonly xForwardedHost: string | undefined;
}

/** What is known of the client. */
export interface ForwardedClient {
  /** Its address; `undefined` when it is not known: it is hidden, is malformed, or is a Unix socket. */
  readonly address: string | undefined;
  /** As the client asked for it, where a proxy says so. */
  readonly scheme: 'http' | 'https' | undefined;
  readonly host: string | undefined;
}

/** How many proxies are walked past; no chain is as long, and a longer list is an attack on our time. */
export const MAX_PROXIES = 100;

const NOTHING: ForwardedClient = { address: undefined, scheme: undefined, host: undefined };

/**
 * Finds the client.
 *
 * Where any X-Forwarded-* field is present, `Forwarded` does not count: nearly all proxies send the former, and pass on what a client sends
 * as `Forwarded`.
 *
 * @param peer - the address that the web server names; `unix:` for a Unix socket.
 */
export function clientBehind(
  peer: string | undefined,
  fields: ForwardedFields,
  isTrusted: TrustProxy,
): ForwardedClient {
  const { forwarded, xForwardedFor, xForwardedProto, xForwardedHost } = fields;
  if (!isTrusted(peer, 0)) return { ...NOTHING, address: addressIn(peer) };
  if (!xForwardedFor && !xForwardedProto && !xForwardedHost)
    return behindForwarded(peer, forwarded ?? '', isTrusted);
  const list = xForwardedFor ?? '';
  let address = addressIn(peer);
  let hop = 0;
  for (let end = list.length; end > 0 && hop < MAX_PROXIES;) {
    const start = list.lastIndexOf(',', end - 1) + 1;
    const entry = list.slice(start, end).trim();
    end = start - 1;
    if (entry === '') continue;
    address = addressIn(entry);
    if (!isTrusted(address, ++hop)) break;
  }
  // The entry that the same proxy has made; a list may be shorter, as of a proxy that replaces it.
  const scheme = schemeIn(entryFromEnd(xForwardedProto, hop));
  return { address, scheme, host: entryFromEnd(xForwardedHost, hop) };
}

function behindForwarded(peer: string | undefined, list: string, isTrusted: TrustProxy): ForwardedClient {
  let client: ForwardedClient = { ...NOTHING, address: addressIn(peer) };
  let hop = 0;
  for (let end = list.length; end > 0 && hop < MAX_PROXIES;) {
    const start = lastElementOf(list, end);
    const text = list.slice(start, end).trim();
    end = start - 1;
    if (text === '') continue;
    const element = parseElement(text);
    const address = addressIn(element?.for);
    client = { address, scheme: schemeIn(element?.proto), host: element?.host };
    // A proxy that sends what nobody can read is not known to have sent it.
    if (!element || !isTrusted(address, ++hop)) break;
  }
  return client;
}

/** The entry that is `hop` entries from the end, from 1 on; the first one if there are fewer. */
function entryFromEnd(list: string | undefined, hop: number): string | undefined {
  if (!list) return undefined;
  let end = list.length;
  for (let skipped = 1; skipped < hop; skipped++) {
    const comma = list.lastIndexOf(',', end - 1);
    if (comma <= 0) break;
    end = comma;
  }
  return list.slice(list.lastIndexOf(',', end - 1) + 1, end).trim() || undefined;
}

function schemeIn(text: string | undefined): 'http' | 'https' | undefined {
  const scheme = text?.toLowerCase();
  return scheme === 'http' || scheme === 'https' ? scheme : undefined;
}
