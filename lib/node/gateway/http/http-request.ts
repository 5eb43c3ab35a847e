/** What an HTTP request says about itself, checked: where Node.js and RFC 9110 leave room, a gateway must not guess. */
import type { IncomingMessage, Server } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { ScgiProtocolError, ScgiUsageError } from '../../../core/errors/errors.js';
import { quoted } from '../../../core/text/quoted.js';
import { clientBehind, type TrustProxy } from '../../../operators/request/forwarded.js';
import { hostOf } from './allowed-hosts.js';

/** A request of `node:http`, or of the compatibility API of `node:http2`. */
export type HttpRequest = IncomingMessage | Http2ServerRequest;

/** What the target and the framing of a request are. */
export interface RequestFacts {
  /** Path and query, as the client sent them; `*` for OPTIONS about the whole server. */
  readonly uri: string;
  /** The authority: of an absolute target, of HTTP/2, or the `Host`; empty where there is none. Or that which a trusted proxy names. */
  readonly authority: string;
  /** The same, whatever a proxy names: what a browser that is no proxy, but has the address of one, cannot choose. */
  readonly ownAuthority: string;
  /** The client's address: that of the connection, or the one that a trusted proxy names; `unix:` for a Unix socket, empty for a hidden one. */
  readonly remoteAddress: string;
  /** Of the connection; `undefined` where the address is another one. */
  readonly remotePort: number | undefined;
  readonly scheme: 'http' | 'https';
  /** Whether the request came from a proxy that is trusted, so that what it says of its client is passed on. */
  readonly isForwarded: boolean;
  /** The prefix of the path that a router has removed: where Express or Connect have mounted the gateway. */
  readonly routedBelow: string;
  /** Bytes of the body, or `undefined` when it must be counted. */
  readonly bodyLength: number | undefined;
}

/** Names and values together. */
const KEPT_BY_DEFAULT = 2000;

const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)/i;

/**
 * Reads the facts.
 *
 * @throws ScgiProtocolError ERR_SCGI_HTTP_REQUEST, ERR_SCGI_HTTP_TRANSFER_CODING
 * @throws ScgiUsageError ERR_SCGI_BODY_USED when something in front of the gateway has read the body.
 */
export function factsOf(request: HttpRequest, trustProxy?: TrustProxy): RequestFacts {
  if (isCut(request)) throw wrong('it has more fields than Node.js keeps (maxHeadersCount)');
  const { originalUrl, url = '/' } = request as HttpRequest & { originalUrl?: string };
  const whole = originalUrl ?? url;
  const absolute = ABSOLUTE_FORM.exec(whole);
  const uri = absolute ? rootless(whole.slice(absolute[0].length)) : whole;
  if (!uri.startsWith('/') && !(uri === '*' && request.method === 'OPTIONS'))
    throw wrong(`the target ${quoted(uri)} is not a path`);
  // RFC 9112 §3.2.2: the authority of the target replaces the Host, of which there is one all the same.
  const host = authorityOf(request);
  const authority = absolute?.[1] ?? host;
  if (absolute?.[1] === '') throw wrong('the target names no host');
  if (authority !== '' && hostOf(authority) === undefined)
    throw wrong(`${quoted(authority)} is not a host and a port`);
  const client = clientOf(request, authority, trustProxy);
  const routedBelow =
    originalUrl === undefined ? '' : prefixOf(pathOf(uri), pathOf(url.replace(ABSOLUTE_FORM, '')));
  return { uri, ...client, ownAuthority: authority, routedBelow, bodyLength: bodyLengthOf(request) };
}

type ClientFacts = Pick<
  RequestFacts,
  'authority' | 'remoteAddress' | 'remotePort' | 'scheme' | 'isForwarded'
>;

function clientOf({ headers, socket }: HttpRequest, authority: string, trustProxy?: TrustProxy): ClientFacts {
  const { localPort, remotePort } = socket;
  // As nginx has it for a client that came by a Unix socket. A TCP connection that has been reset has no address any more.
  const peer = plainAddress(socket.remoteAddress) || (localPort === undefined ? 'unix:' : '');
  const scheme = (socket as Partial<TLSSocket>).encrypted === true ? 'https' : 'http';
  const own = { authority, remoteAddress: peer, remotePort, scheme, isForwarded: false } as const;
  if (peer === '' || !trustProxy?.(peer, 0)) return own;
  const field = (name: string): string | undefined => headers[name] as string | undefined;
  const fields = {
    forwarded: field('forwarded'),
    xForwardedFor: field('x-forwarded-for'),
    xForwardedProto: field('x-forwarded-proto'),
    xForwardedHost: field('x-forwarded-host'),
  };
  const client = clientBehind(peer, fields, trustProxy);
  const host = client.host !== undefined && hostOf(client.host) !== undefined ? client.host : authority;
  const isPeer = client.address === peer || (fields.forwarded ?? fields.xForwardedFor) === undefined;
  return {
    authority: host,
    // A client that its proxy hides has none.
    remoteAddress: isPeer ? peer : (client.address ?? ''),
    remotePort: isPeer ? remotePort : undefined,
    scheme: client.scheme ?? scheme,
    isForwarded: true,
  };
}

/** An IPv4 address that came to an IPv6 socket is an IPv4 address. */
export function plainAddress(address = ''): string {
  return address.replace(/^::ffff:(?=[0-9.]+$)/i, '');
}

/** Returns the path of a target, without its query. */
export function pathOf(uri: string): string {
  const mark = uri.indexOf('?');
  return mark < 0 ? uri : uri.slice(0, mark);
}

function rootless(rest: string): string {
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function authorityOf(request: HttpRequest): string {
  const names: string[] = [];
  const { rawHeaders } = request;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase();
    // HTTP/2 has it in front of all other fields. RFC 9113 §8.3.1
    if (name === ':authority') return rawHeaders[i + 1] as string;
    if (name === 'host') names.push(rawHeaders[i + 1] as string);
  }
  if (names.length > 1) throw wrong('there are two Host fields');
  return names[0] ?? '';
}

/** Returns what a router has removed from the front of a path. Connect leaves a slash where nothing is left. */
function prefixOf(path: string, rest: string): string {
  if (path.endsWith(rest)) return path.slice(0, path.length - rest.length);
  return rest === '/' ? path : '';
}

function bodyLengthOf(request: HttpRequest): number | undefined {
  const { 'transfer-encoding': coding, 'content-length': length } = request.headers;
  if (coding !== undefined) {
    // Node.js would pass on a body that is still compressed.
    if (coding.toLowerCase() !== 'chunked') {
      throw new ScgiProtocolError(
        'ERR_SCGI_HTTP_TRANSFER_CODING',
        `the transfer coding ${quoted(coding)} is unknown`,
        undefined,
      );
    }
    if (length !== undefined || request.httpVersionMajor !== 1 || request.httpVersionMinor === 0)
      throw wrong('a Transfer-Encoding has no place here');
  }
  const isCounted = coding === undefined && (length !== undefined || request.httpVersionMajor === 1);
  const bytes = isCounted ? Number(length ?? 0) : endsAfterHeaders(request) ? 0 : undefined;
  if (bytes !== undefined && !Number.isSafeInteger(bytes)) throw wrong('the Content-Length is too large');
  if (bytes !== 0 && (request.readableDidRead || request.readableEnded)) {
    throw new ScgiUsageError(
      'ERR_SCGI_BODY_USED',
      'the body of the request has been read before it came to the gateway: put body parsers behind it',
    );
  }
  return bytes;
}

function endsAfterHeaders(request: HttpRequest): boolean {
  return 'stream' in request && request.stream.endAfterHeaders;
}

/**
 * Whether Node.js may have dropped fields. It goes by them all the same: a body whose length is not among those that are left would
 * be lost, and the client behind a proxy would pass for the proxy.
 */
function isCut({ rawHeaders, socket }: HttpRequest): boolean {
  const { maxHeadersCount } = (socket as { server?: Partial<Server> }).server ?? {};
  // 0: it keeps all.
  const kept = typeof maxHeadersCount === 'number' ? 2 * maxHeadersCount || Infinity : KEPT_BY_DEFAULT;
  return rawHeaders.length >= kept;
}

function wrong(message: string): ScgiProtocolError {
  return new ScgiProtocolError('ERR_SCGI_HTTP_REQUEST', message, undefined);
}
