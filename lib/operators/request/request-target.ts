/** Finds path, query and URL of a request among its meta-variables, in what real gateways send. RFC 3875 §3.3. */
import type { MetaVariables } from '../../core/meta-variables.js';

const ABSOLUTE_FORM = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;
/** A host and port that cannot spill into the rest of a URL. */
const PLAIN_AUTHORITY = /^[^/?#@\\\s]+$/;

/** Path and query as the client sent them. */
export interface RequestTarget {
  readonly path: string;
  readonly query: string;
}

/**
 * The target from `REQUEST_URI`, which all gateways send. Without it: from `DOCUMENT_URI`, or `SCRIPT_NAME` and
 * `PATH_INFO`, which are decoded, so that they are encoded again, and `QUERY_STRING`.
 */
export function requestTargetOf(variables: MetaVariables): RequestTarget {
  const uri = variables.get('REQUEST_URI')?.replace(ABSOLUTE_FORM, '');
  const queryString = variables.get('QUERY_STRING');
  if (uri === undefined || uri === '') {
    const path =
      variables.get('DOCUMENT_URI') ??
      `${variables.get('SCRIPT_NAME') ?? ''}${variables.get('PATH_INFO') ?? ''}`;
    return { path: rooted(encodePath(path)), query: queryString ?? '' };
  }
  const mark = uri.indexOf('?');
  const path = mark < 0 ? uri : uri.slice(0, mark);
  return { path: rooted(path), query: queryString ?? (mark < 0 ? '' : uri.slice(mark + 1)) };
}

/** The path below `mount`; the whole path when it is not below. */
export function pathBelow(mount: string, path: string): string {
  if (mount === '' || !path.startsWith(mount)) return path;
  const rest = path.slice(mount.length);
  if (rest === '') return '/';
  return rest.startsWith('/') ? rest : path;
}

/** The URL as the client has it. `SERVER_NAME` stands in for a missing or impossible `HTTP_HOST`. */
export function requestUrlOf(variables: MetaVariables, target: RequestTarget): URL {
  const scheme = variables.get('REQUEST_SCHEME') || (isOn(variables.get('HTTPS')) ? 'https' : 'http');
  const rest = encodeBytes(`${target.path}${target.query === '' ? '' : `?${target.query}`}`);
  for (const authority of [variables.get('HTTP_HOST'), serverAuthority(variables)]) {
    if (authority === undefined || !PLAIN_AUTHORITY.test(authority)) continue;
    try {
      return new URL(`${scheme}://${authority}${rest}`);
    } catch {
      // Not a host after all: the next one, or localhost.
    }
  }
  return new URL(`http://localhost${rest}`);
}

function serverAuthority(variables: MetaVariables): string | undefined {
  const name = variables.get('SERVER_NAME');
  const port = variables.get('SERVER_PORT');
  return name === undefined || !port ? name : `${name}:${port}`;
}

/** CGI says `on`, some gateways `1`, IIS `off`. */
function isOn(https: string | undefined): boolean {
  return https !== undefined && https !== '' && https !== 'off' && https !== '0';
}

function rooted(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}

/** What a client sent unencoded: a character is a byte here, and `URL` would take it for one of Unicode. */
function encodeBytes(uri: string): string {
  return uri.replace(/[\x80-\xff]/g, percentEncode);
}

/** A decoded path with each byte that a URL's path cannot hold as `%XX`; the characters are bytes here. */
function encodePath(path: string): string {
  return path.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/g, percentEncode);
}

function percentEncode(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
