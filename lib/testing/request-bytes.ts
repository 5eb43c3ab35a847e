/** Makes SCGI requests as a gateway does, and broken ones as none should. SCGI §3 and §4. */
import { encodeLatin1, isBytes } from '../core/text/latin1.js';
import { NOT_IN_A_HEADER } from '../core/headers/meta-variables.js';
import { verifyOptionNames, type OptionNames } from '../core/options.js';
import { quoted, quotedChunk } from '../core/text/quoted.js';
import { requestVariablesOf, type RequestVariablesInit } from '../operators/outgoing/request-variables.js';

/** The parts of a request. Everything is optional. */
export interface TestRequest extends RequestVariablesInit {
  /** The body: text, sent as UTF-8, or bytes. `CONTENT_LENGTH` is its length. Default: empty. */
  readonly body?: string | Uint8Array | undefined;
}

const TEST_REQUEST: OptionNames<TestRequest> = {
  method: true,
  uri: true,
  headers: true,
  variables: true,
  body: true,
};

/**
 * Makes the bytes of an SCGI request: `CONTENT_LENGTH` first, `SCGI` second, then `REQUEST_METHOD`, `REQUEST_URI`,
 * `QUERY_STRING`, `SERVER_PROTOCOL`, `CONTENT_TYPE` and the `HTTP_*` of the headers, and the body.
 *
 *     requestBytes({ method: 'POST', uri: '/upload?n=1', headers: { 'Content-Type': 'text/plain' }, body: 'text' })
 *     requestBytes({ variables: { SCGI: undefined } })          // ERR_SCGI_VERSION_MISSING
 *     requestBytes({ variables: { CONTENT_LENGTH: '9' } })      // ERR_SCGI_PREMATURE_EOF
 *
 * @throws TypeError when a name or a value has a NUL or a character above U+00FF, the body is neither text nor bytes, or an option is
 * unknown.
 * @example
 * ```ts
 * import { requestBytes } from 'rxscgi/testing';
 *
 * const upload = requestBytes({ method: 'POST', uri: '/upload?n=1', body: 'text' });
 * const withoutVersion = requestBytes({ variables: { SCGI: undefined } }); // ERR_SCGI_VERSION_MISSING
 * console.log(upload.length, withoutVersion.length);
 * ```
 */
export function requestBytes(request: TestRequest = {}): Uint8Array {
  verifyOptionNames('requestBytes', request, TEST_REQUEST);
  const { body = '' } = request;
  if (typeof body !== 'string' && !isBytes(body))
    throw new TypeError(
      `the body of a request is text or bytes, not ${quotedChunk(body)}; give JSON.stringify(value)`,
    );
  const data = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const pairs = requestVariablesOf(request, data.length);
  let block = '';
  for (const [name, value] of pairs) {
    if (typeof value !== 'string')
      throw new TypeError(`the value of ${quoted(name)} is text, not ${quoted(value)}`);
    if (NOT_IN_A_HEADER.test(name + value)) {
      throw new TypeError(`the header ${quoted(name)} has a character outside of 01..ff`);
    }
    block += `${name}\0${value}\0`;
  }
  const head = encodeLatin1(`${block.length}:${block},`);
  const bytes = new Uint8Array(head.length + data.length);
  bytes.set(head);
  bytes.set(data, head.length);
  return bytes;
}
