/** Writes the head of the HTTP request that an SCGI request was made of. RFC 3875 §4.1, RFC 9112 §3. */
import { isUnsafe } from '../../core/response/response-fields.js';
import type { MetaVariables } from '../../core/headers/meta-variables.js';
import type { ScgiRequest } from '../../operators/types.js';

const CRLF = '\r\n';
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Methods whose requests usually have no body: none is announced where none came. RFC 9110 §8.6. */
const USUALLY_BODILESS = /^(?:GET|HEAD|DELETE|OPTIONS|TRACE)$/;

/** Fields that are not copied from the variables. */
const LEFT_OUT = new Set([
  // About the connection between client and web server.
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
  // The web server has answered it.
  'expect',
  // Some programs would take it for their own proxy setting: httpoxy.
  'proxy',
  // Written below, once.
  ...['host', 'content-length', 'content-type'],
]);

/**
 * The head as ISO-8859-1 text, to its empty line. No variable can end a line of it or add a field: what is not a valid field is left out.
 *
 * The target is in normal form, without `mount`, as `request.path` and `request.query` have it. The framing is ours: the length of the
 * body that the engine counts, and one request on the connection.
 */
export function httpRequestHeadOf(request: ScgiRequest): string {
  const { method, path, query, variables } = request;
  const target = query === '' ? path : `${path}?${query}`;
  let head = `${method} ${target} HTTP/1.1${CRLF}Host: ${hostOf(request)}${CRLF}`;
  for (const [name, value] of variables) {
    if (name.startsWith('HTTP_')) head += copiedField(name, value);
  }
  head += contentFields(request, variables);
  return `${head}Connection: close${CRLF}${CRLF}`;
}

/** RFC 9112 §3.2 wants a host: `SERVER_NAME` stands in for one that is missing, as in `request.url`. */
function hostOf(request: ScgiRequest): string {
  const host = request.variables.get('HTTP_HOST') ?? '';
  // A URL is not made for nothing.
  return host === '' || isUnsafe(host) ? request.url.host : host;
}

function copiedField(variable: string, value: string): string {
  const name = variable.slice('HTTP_'.length).replaceAll('_', '-').toLowerCase();
  return LEFT_OUT.has(name) || !TOKEN.test(name) || isUnsafe(value) ? '' : `${name}: ${value}${CRLF}`;
}

function contentFields({ method, contentLength }: ScgiRequest, variables: MetaVariables): string {
  // nginx sends an empty CONTENT_TYPE when there is none.
  const type = variables.get('CONTENT_TYPE') || variables.get('HTTP_CONTENT_TYPE') || '';
  const typeField = type === '' || isUnsafe(type) ? '' : `content-type: ${type}${CRLF}`;
  const hasLength = contentLength > 0 || !USUALLY_BODILESS.test(method);
  return hasLength ? `${typeField}content-length: ${contentLength}${CRLF}` : typeField;
}
