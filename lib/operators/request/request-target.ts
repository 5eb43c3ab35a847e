/**
 * Finds the path, query and URL of a request among its meta-variables, and normalises them. RFC 3875 §3.3, RFC 3986 §6.2.2.
 *
 * The normal form is what web servers compare with their locations: unreserved characters are not encoded, everything
 * that a URL cannot hold is, `.` and `..` are resolved, and several slashes are one. `%2F` is not a slash.
 */
import type { MetaVariables } from '../../core/headers/meta-variables.js';
import type { ForwardedClient } from './forwarded.js';

/** Which target counts: the one in the request line, or the one that the web server's rewrites have made of it. */
export type RequestTargetOption = 'original' | 'routed';

/** A path and a query in normal form. */
export interface RequestTarget {
  readonly path: string;
  readonly query: string;
}

const ABSOLUTE_FORM = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;
const NORMAL_CHARACTERS = /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@/]*$/;
const ESCAPE_OR_UNSAFE = /%([0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/g;
const UNSAFE_IN_PATH = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/g;
const UNRESERVED = /[A-Za-z0-9\-._~]/;

const UNSAFE_IN_QUERY = /[\0-\x20"#'<>\x7f-\xff]/g;

/** A host and port that cannot spill into the rest of a URL. */
const PLAIN_AUTHORITY = /^[^/?#@\\\s]+$/;
/** Not the `_`, `*.example.com` or `~^www\d+` of an nginx configuration. */
const HOST_NAME = /^(?:[a-z0-9][a-z0-9._-]*|\[[0-9a-f:.]+\])$/i;
const PORT = /^[0-9]+$/;

/**
 * The target from `REQUEST_URI`, which all gateways send. If it is missing, or `which` is `'routed'`: from `DOCUMENT_URI`, or
 * `SCRIPT_NAME` and `PATH_INFO`, which are decoded, and `QUERY_STRING`. Path and query always come from the same of the two.
 */
export function requestTargetOf(variables: MetaVariables, which: RequestTargetOption): RequestTarget {
  const uri = variables.get('REQUEST_URI')?.replace(ABSOLUTE_FORM, '') ?? '';
  if (uri === '' || which === 'routed') {
    const path =
      variables.get('DOCUMENT_URI') ??
      `${variables.get('SCRIPT_NAME') ?? ''}${variables.get('PATH_INFO') ?? ''}`;
    if (path !== '' || uri === '') {
      const query = variables.get('QUERY_STRING') ?? '';
      return {
        path: normalizePath(path.replace(UNSAFE_IN_PATH, percentEncode)),
        query: normalizeQuery(query),
      };
    }
  }
  const mark = uri.indexOf('?');
  if (mark < 0) return { path: normalizePath(uri), query: '' };
  return { path: normalizePath(uri.slice(0, mark)), query: normalizeQuery(uri.slice(mark + 1)) };
}

/** A path in its normal form, which begins with a slash. Characters are bytes. */
export function normalizePath(path: string): string {
  if (NORMAL_CHARACTERS.test(path) && !path.includes('//') && !path.includes('/.')) return path;
  return resolvePath(path.replace(ESCAPE_OR_UNSAFE, normalizeCharacter));
}

/** Resolves `.` and `..`, and makes one slash of several. RFC 3986 §5.2.4 */
export function resolvePath(path: string): string {
  const segments = path.split('/');
  const kept: string[] = [];
  for (const segment of segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '.' && segment !== '') kept.push(segment);
  }
  const last = segments.at(-1);
  const endsWithSlash = kept.length > 0 && (last === '' || last === '.' || last === '..');
  return `/${kept.join('/')}${endsWithSlash ? '/' : ''}`;
}

/** The path below `mount`; the whole path when it is not below. Both are normal. */
export function pathBelow(mount: string, path: string): string {
  if (mount === '' || !path.startsWith(mount)) return path;
  const rest = path.slice(mount.length);
  if (rest === '') return '/';
  return rest.startsWith('/') ? rest : path;
}

/**
 * The URL as the client has it. `SERVER_NAME` stands in for a missing or impossible `HTTP_HOST`, `localhost` for both.
 *
 * @param client - its scheme and host, where trusted proxies tell them.
 */
export function requestUrlOf(
  variables: MetaVariables,
  { path, query }: RequestTarget,
  client?: ForwardedClient,
): URL {
  const scheme = client?.scheme ?? schemeOf(variables);
  const rest = query === '' ? path : `${path}?${query}`;
  for (const authority of [client?.host, variables.get('HTTP_HOST'), serverAuthority(variables)]) {
    if (authority === undefined || !PLAIN_AUTHORITY.test(authority)) continue;
    try {
      return new URL(`${scheme}://${authority}${rest}`);
    } catch {
      // Not a host after all: the next one, or localhost.
    }
  }
  return new URL(`${scheme}://localhost${rest}`);
}

/** CGI sets `HTTPS` to `on`, some gateways to `1`, IIS to `off` or `OFF`. */
function schemeOf(variables: MetaVariables): 'http' | 'https' {
  const scheme = variables.get('REQUEST_SCHEME')?.toLowerCase();
  if (scheme === 'http' || scheme === 'https') return scheme;
  const https = variables.get('HTTPS')?.toLowerCase() ?? '';
  return https === '' || https === 'off' || https === '0' ? 'http' : 'https';
}

function serverAuthority(variables: MetaVariables): string | undefined {
  const name = variables.get('SERVER_NAME') ?? '';
  if (!HOST_NAME.test(name)) return undefined;
  const port = variables.get('SERVER_PORT') ?? '';
  return PORT.test(port) ? `${name}:${port}` : name;
}

function normalizeQuery(query: string): string {
  return query.replace(UNSAFE_IN_QUERY, percentEncode);
}

function normalizeCharacter(text: string, hex: string | undefined): string {
  if (hex === undefined) return percentEncode(text);
  const character = String.fromCharCode(Number.parseInt(hex, 16));
  return UNRESERVED.test(character) ? character : text.toUpperCase();
}

function percentEncode(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
