/** An HTTP request's meta-variables, as a gateway tells them, and their wire format. RFC 3875 §4.1, SCGI §3 and §4. */
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

/** A meta-variable. */
export type Variable = readonly [name: string, value: string];

/** Fields about the one connection (RFC 9110 §7.6.1), and one that this side has answered. */
const NOT_FORWARDED = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  // An application that puts its variables into the environment would take it for its proxy: httpoxy.
  'proxy',
  // These have variables of their own.
  'content-length',
  'content-type',
]);

const ABSOLUTE_FORM = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;
const HOST_NAME = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]*)?$/i;

/**
 * The variables of a request: `CONTENT_LENGTH` first, `SCGI` second, as old applications want them.
 *
 * @param contentLength - bytes of the body, counted.
 * @param extra - variables of the gateway's own.
 */
export function gatewayVariables(
  request: IncomingMessage,
  contentLength: number,
  extra: readonly Variable[] = [],
): Variable[] {
  const { socket, method = 'GET', url = '/' } = request;
  const secure = (socket as Partial<TLSSocket>).encrypted === true;
  const target = url.replace(ABSOLUTE_FORM, '');
  const mark = target.indexOf('?');
  const variables: Variable[] = [
    ['CONTENT_LENGTH', String(contentLength)],
    ['SCGI', '1'],
    ['GATEWAY_INTERFACE', 'CGI/1.1'],
    ['REQUEST_METHOD', method],
    ['REQUEST_URI', url],
    ['DOCUMENT_URI', decodePath(mark < 0 ? target : target.slice(0, mark))],
    ['QUERY_STRING', mark < 0 ? '' : target.slice(mark + 1)],
    ['REQUEST_SCHEME', secure ? 'https' : 'http'],
    ['SERVER_PROTOCOL', `HTTP/${request.httpVersion}`],
    ['SERVER_SOFTWARE', 'rxscgi'],
    ['SERVER_NAME', HOST_NAME.exec(request.headers.host ?? '')?.[1] ?? socket.localAddress ?? ''],
    ['SERVER_ADDR', socket.localAddress ?? ''],
    ['SERVER_PORT', String(socket.localPort ?? '')],
    ['REMOTE_ADDR', socket.remoteAddress ?? ''],
    ['REMOTE_PORT', String(socket.remotePort ?? '')],
    ['CONTENT_TYPE', request.headers['content-type'] ?? ''],
    ...extra,
    ...fieldVariables(request),
  ];
  if (secure) variables.push(['HTTPS', 'on']);
  // libscgi-perl loses count of empty values.
  return variables.filter(([name, value]) => value !== '' || name === 'QUERY_STRING');
}

/** `HTTP_*`, the fields that came more than once joined. */
function fieldVariables(request: IncomingMessage): Map<string, string> {
  const { rawHeaders, headers } = request;
  const perConnection = new Set((headers.connection ?? '').toLowerCase().split(/[\s,]+/));
  const variables = new Map<string, string>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const field = (rawHeaders[i] as string).toLowerCase();
    // X_A would pass for X-A: a client could claim what only a proxy should. As nginx, we take no underscores.
    if (NOT_FORWARDED.has(field) || perConnection.has(field) || field.includes('_')) continue;
    const name = `HTTP_${field.toUpperCase().replaceAll('-', '_')}`;
    const value = rawHeaders[i + 1] as string;
    const before = variables.get(name);
    variables.set(
      name,
      before === undefined ? value : `${before}${field === 'cookie' ? '; ' : ', '}${value}`,
    );
  }
  return variables;
}

/** The path's bytes as characters of ISO-8859-1. A NUL stays encoded: no value can hold it. */
function decodePath(path: string): string {
  return path.replace(/%([0-9a-f]{2})/gi, (escape, hex: string) =>
    hex === '00' ? escape : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** The netstring of the variables, with which a request begins. */
export function encodeVariables(variables: Iterable<Variable>): Buffer {
  let block = '';
  for (const [name, value] of variables) block += `${name}\0${value}\0`;
  return Buffer.from(`${block.length}:${block},`, 'latin1');
}
