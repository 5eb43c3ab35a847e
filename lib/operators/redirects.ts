/** Makers of the redirect responses. RFC 3875 §6.2.2 to §6.2.4. */
import { LOCAL_PATH } from '../core/response/response-head.js';
import type { ScgiResponse } from './types.js';

/**
 * A local redirect: the gateway answers with another of its own resources, and the client never knows.
 *
 * Apache does so: the second request has the new path in `SCRIPT_NAME` and `QUERY_STRING`, and the first one's in
 * `REQUEST_URI`, which `request.path` is made from; route by the former. nginx and lighttpd send the client a redirect
 * instead (nginx has `X-Accel-Redirect` for this).
 *
 * @param path - path and query, from the slash on.
 * @throws TypeError when it does not begin with one slash: with two it names another host to whoever is sent there.
 */
export function localRedirect(path: string): ScgiResponse {
  if (!LOCAL_PATH.test(path))
    throw new TypeError(
      `a local redirect goes to a path that begins with one slash, not ${JSON.stringify(path)}`,
    );
  return { headers: { Location: path } };
}

/**
 * A client redirect: the client is told to go elsewhere, with a status that is always explicit.
 *
 * @param url - the `Location`.
 * @param status - 301, 302 (the default), 303, 307 or 308; 201 with a document.
 * @param document - headers and a body for clients that do not follow.
 * @throws RangeError when the status is neither 201 nor 300..399.
 */
export function clientRedirect(
  url: string | URL,
  status = 302,
  document?: Omit<ScgiResponse, 'status'>,
): ScgiResponse {
  if (status !== 201 && !(status >= 300 && status <= 399)) {
    throw new RangeError(`a client redirect has a status of 201 or 300..399, not ${status}`);
  }
  const others = document?.headers ?? {};
  const pairs: [string, string][] = [['Location', String(url)]];
  for (const [name, value] of Symbol.iterator in others ? others : Object.entries(others)) {
    for (const one of Array.isArray(value) ? (value as string[]) : [value as string]) pairs.push([name, one]);
  }
  return { ...document, status, headers: pairs };
}
