/** Makes redirect responses. RFC 3875 §6.2.2 to §6.2.4. */
import { checkedPair } from '../../core/headers/checked-pair.js';
import { quoted } from '../../core/text/quoted.js';
import { LOCAL_PATH } from '../../core/response/response-head.js';
import type { ScgiResponse } from '../types.js';

/**
 * Makes a local redirect: the web server answers with another of its own resources, and the client does not notice.
 *
 * Only Apache follows it, and makes a second request: it has the new path in `SCRIPT_NAME` and `QUERY_STRING`, and the path of the
 * first request in `REQUEST_URI` (see the option `requestTarget`). nginx and lighttpd send the redirect to the client instead; nginx
 * has `X-Accel-Redirect` for this purpose.
 *
 * @param path - path and query, beginning with a slash.
 * @throws TypeError when the path does not begin with exactly one slash. A client that receives a path with two would go to another host.
 * @example
 * ```ts
 * import { localRedirect, type ScgiHandler } from 'rxscgi';
 * import { of } from 'rxjs';
 *
 * // The web server answers with /private/report.pdf itself.
 * export const handler: ScgiHandler = () => of(localRedirect('/private/report.pdf'));
 * ```
 */
export function localRedirect(path: string): ScgiResponse {
  if (typeof path !== 'string' || !LOCAL_PATH.test(path))
    throw new TypeError(`the path of a local redirect must begin with one slash, and not be ${quoted(path)}`);
  return { headers: { Location: path } };
}

/**
 * Makes a client redirect, with a status and a `Location`: the client makes its next request to that URL.
 *
 * @param url - the `Location`.
 * @param status - 301, 302 (the default), 303, 307 or 308; 201 with a document.
 * @param document - headers and a body, for clients that do not follow the redirect.
 * @throws RangeError when the status is neither 201 nor from 300 to 399.
 * @throws TypeError when `url` is neither text nor a URL, or `document` is not an object.
 * @example
 * ```ts
 * import { clientRedirect, type ScgiHandler } from 'rxscgi';
 * import { of } from 'rxjs';
 *
 * export const handler: ScgiHandler = ({ url }) => of(clientRedirect(new URL('/login', url), 303));
 * ```
 */
export function clientRedirect(
  url: string | URL,
  status = 302,
  document: Omit<ScgiResponse, 'status'> = {},
): ScgiResponse {
  if (typeof url !== 'string' && !isUrl(url))
    throw new TypeError(`clientRedirect takes a URL, or its text, not ${quoted(url)}`);
  if (typeof document !== 'object' || (document as unknown) === null)
    throw new TypeError(
      `the document of clientRedirect is an object { headers, body }, not ${quoted(document)}`,
    );
  if (typeof status !== 'number' || (status !== 201 && !(status >= 300 && status <= 399))) {
    throw new RangeError(
      `the status of a client redirect must be 201 or from 300 to 399, not ${quoted(status)}`,
    );
  }
  const others = document.headers ?? {};
  if (typeof others !== 'object')
    throw new TypeError(`the headers of clientRedirect are an object or pairs, not ${quoted(others)}`);
  const pairs: [string, string][] = [['Location', String(url)]];
  for (const pair of Symbol.iterator in others ? others : Object.entries(others)) {
    const [name, value] = checkedPair(pair);
    for (const one of Array.isArray(value) ? (value as string[]) : [value as string]) pairs.push([name, one]);
  }
  return { ...document, status, headers: pairs };
}

/** Whether a value is a URL, of whichever realm or package. */
function isUrl(value: object): boolean {
  return Object.prototype.toString.call(value) === '[object URL]';
}
