/** The meta-variables of an HTTP request, as a gateway makes them. RFC 3875 §4.1, SCGI §3. */
import { settleRepeated } from '../../core/request/repeated-header.js';
import { resolvePath } from '../../operators/request/request-target.js';
import { hostOf } from './http/allowed-hosts.js';
import { pathOf, plainAddress, type HttpRequest, type RequestFacts } from './http/http-request.js';

/** Where a request goes. */
export interface RequestTarget {
  readonly method: string;
  /** Path and query. */
  readonly uri: string;
  /** The path of the application, in the normal form of paths; empty without one. */
  readonly mount: string;
  /** Bytes of the body. */
  readonly bodyLength: number;
  /** The path that the client asked for, where the application has redirected the request. */
  readonly redirectedFrom?: string | undefined;
}

/** Fields that stay at the gateway. */
const NOT_FORWARDED = new Set([
  // They describe the connection to the client. RFC 9110 §7.6.1
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  // The gateway has answered it.
  'expect',
  // An application that puts its variables into its environment would use HTTP_PROXY as its proxy: httpoxy.
  'proxy',
  // They have variables of their own.
  'content-length',
  'content-type',
  'host',
]);

/** Anybody can send them. Only a proxy that is trusted tells who its client is. */
const SAID_BY_PROXIES = new Set(['forwarded', 'x-real-ip']);
const SAID_BY_PROXY = 'x-forwarded-';

/** Only these map to one name each: `X_A` would pass for `X-A`, and `Content_Length` for another field. */
const MAPPABLE = /^[a-z0-9-]+$/;

/** Makes the variables: `CONTENT_LENGTH` first and `SCGI` second, as old applications require. Empty ones are left out, except `QUERY_STRING`. */
export function gatewayVariables(
  request: HttpRequest,
  { authority, remoteAddress, remotePort, scheme, isForwarded }: RequestFacts,
  target: RequestTarget,
): Map<string, string> {
  const { method, uri, mount, bodyLength, redirectedFrom } = target;
  const { socket } = request;
  const isSecure = scheme === 'https';
  const documentUri = uri === '*' ? uri : decodePath(pathOf(uri));
  const scriptName = mount === '' ? '' : decodePath(mount);
  const query = uri.indexOf('?');
  const address = plainAddress(socket.localAddress);
  const variables = new Map<string, string>();
  const set = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') variables.set(name, value);
  };
  set('CONTENT_LENGTH', String(bodyLength));
  set('SCGI', '1');
  set('GATEWAY_INTERFACE', 'CGI/1.1');
  set('REQUEST_METHOD', method);
  set('REQUEST_URI', uri);
  set('SCRIPT_NAME', scriptName);
  set('PATH_INFO', uri === '*' ? '' : documentUri.slice(scriptName.length));
  set('DOCUMENT_URI', documentUri);
  variables.set('QUERY_STRING', query < 0 ? '' : uri.slice(query + 1));
  set('REQUEST_SCHEME', scheme);
  set('HTTPS', isSecure ? 'on' : '');
  set('SERVER_PROTOCOL', `HTTP/${request.httpVersion}`);
  set('SERVER_SOFTWARE', 'rxscgi');
  set('SERVER_NAME', hostOf(authority) ?? (address.includes(':') ? `[${address}]` : address || 'localhost'));
  set('SERVER_ADDR', address);
  set('SERVER_PORT', String(socket.localPort ?? (isSecure ? 443 : 80)));
  set('REMOTE_ADDR', remoteAddress);
  set('REMOTE_PORT', remotePort === undefined ? '' : String(remotePort));
  set('REDIRECT_URL', redirectedFrom);
  set('HTTP_HOST', authority);
  for (const [name, value] of fieldVariables(request, isForwarded)) {
    if (name === 'HTTP_CONTENT_TYPE') set('CONTENT_TYPE', bodyLength === 0 && redirectedFrom ? '' : value);
    else set(name, value);
  }
  return variables;
}

/** Makes `HTTP_*`: lists joined by `, `, cookies by `; `, and of other fields the last value. */
function fieldVariables(request: HttpRequest, passForwarded: boolean): Map<string, string> {
  const { rawHeaders, headers } = request;
  const { connection = '' } = headers;
  const perConnection = connection === '' ? [] : connection.toLowerCase().split(/[\s,]+/);
  const variables = new Map<string, string>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const field = (rawHeaders[i] as string).toLowerCase();
    if (!isPassedOn(field, passForwarded) || perConnection.includes(field)) continue;
    const name = `HTTP_${field.toUpperCase().replaceAll('-', '_')}`;
    const value = rawHeaders[i + 1] as string;
    const earlier = variables.get(name);
    variables.set(name, earlier === undefined ? value : (settleRepeated(name, earlier, value) ?? value));
  }
  return variables;
}

function isPassedOn(field: string, passForwarded: boolean): boolean {
  if (field === 'content-type') return true;
  if (!passForwarded && (SAID_BY_PROXIES.has(field) || field.startsWith(SAID_BY_PROXY))) return false;
  return MAPPABLE.test(field) && !NOT_FORWARDED.has(field);
}

/**
 * Decodes a path, and then resolves it, so that no `..` is left, not even one that was encoded together with its slashes. A NUL
 * stays encoded, as no value can hold it.
 */
export function decodePath(path: string): string {
  const decoded = path.replace(/%([0-9a-f]{2})/gi, (escape, hex: string) =>
    hex === '00' ? escape : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  if (!decoded.includes('//') && !decoded.includes('/.')) return decoded;
  return resolvePath(decoded);
}
