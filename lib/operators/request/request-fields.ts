/** The HTTP header fields among the meta-variables. RFC 3875 §4.1.18. */
import type { MetaVariables } from '../../core/headers/meta-variables.js';

/**
 * `HTTP_*`, `CONTENT_TYPE` and `CONTENT_LENGTH` as `Headers`.
 *
 * `HTTP_PROXY` is left out: a program that takes it for its own proxy setting would let a client choose it (httpoxy,
 * CVE-2016-5385). What is not a valid field name or value is in the variables only.
 */
export function requestFieldsOf(variables: MetaVariables, contentLength: number): Headers {
  const headers = new Headers();
  for (const [name, value] of variables) {
    if (name.startsWith('HTTP_')) setField(headers, name.slice(5).replaceAll('_', '-'), value);
  }
  // A gateway may have passed it on in any case.
  headers.delete('proxy');
  // nginx sends an empty CONTENT_TYPE when there is none.
  const contentType = variables.get('CONTENT_TYPE');
  if (contentType) setField(headers, 'content-type', contentType);
  headers.set('content-length', String(contentLength));
  return headers;
}

function setField(headers: Headers, name: string, value: string): void {
  try {
    headers.set(name, value);
  } catch {
    // `Headers` verifies name and value. What it refuses is still in `variables`.
  }
}
