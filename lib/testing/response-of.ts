/** Takes a response apart, as a gateway does. RFC 3875 §6. */
import { splitFieldLine } from '../core/headers/field-line.js';
import { decodeLatin1, isBytes } from '../core/text/latin1.js';
import { quoted, quotedChunk } from '../core/text/quoted.js';

/** The head of a response as the gateway's client sees it. */
export interface TestResponseHead {
  /** The status: 200 without a `Status`, or 302 with a `Location`. */
  readonly status: number;
  /** The fields, without `Status`. Several `Set-Cookie`s stay several: `getSetCookie()`. */
  readonly headers: Headers;
}

/** A response as the gateway's client sees it. */
export interface TestResponse extends TestResponseHead {
  /** All bytes of the body. */
  readonly body: Uint8Array;
}

const LF = 0x0a;
const NPH_LINE = /^HTTP\/[0-9]\.[0-9] ([1-9][0-9]{2})(?: .*)?$/;
const STATUS = /^([1-9][0-9]{2})(?: .*)?$/;
const NOT_IN_A_LINE = /[\0\r]/;

/**
 * Reads the bytes of a CGI response: header lines that end in LF or CRLF, an empty one, the body.
 *
 * Without a `Status` it is 200, or 302 with a `Location`. A status line (`HTTP/1.0 400 Bad Request`) in front, as in
 * the answer to HTTP on the SCGI port, counts as well.
 *
 * @param chunks - the bytes in one array, or in several.
 * @throws SyntaxError naming the line that is wrong. TypeError when a chunk is not a Uint8Array.
 * @example
 * ```ts
 * import { text, handleScgi } from 'rxscgi';
 * import { requestBytes, responseOf } from 'rxscgi/testing';
 * import { of, toArray } from 'rxjs';
 *
 * of(requestBytes())
 *   .pipe(
 *     handleScgi(() => text('Hello\n')),
 *     toArray(),
 *   )
 *   .subscribe((chunks) => console.assert(responseOf(chunks).status === 200));
 * ```
 */
export function responseOf(chunks: Uint8Array | Iterable<Uint8Array>): TestResponse {
  if (!isBytes(chunks) && (typeof chunks !== 'object' || !(Symbol.iterator in Object(chunks))))
    throw new TypeError(`responseOf takes a Uint8Array, or an iterable of them, not ${quoted(chunks)}`);
  const bytes = isBytes(chunks) ? chunks : joined([...chunks]);
  const { lines, end } = headOf(bytes);
  const headers = new Headers();
  const statusLine = NPH_LINE.exec(lines[0] ?? '');
  let status = statusLine ? Number(statusLine[1]) : undefined;
  for (const line of statusLine ? lines.slice(1) : lines) {
    const field = NOT_IN_A_LINE.test(line) ? undefined : splitFieldLine(line);
    if (field === undefined) throw malformed(`the line ${quoted(line)} is no field`);
    const [name, value] = field;
    if (name.toLowerCase() !== 'status') {
      headers.append(name, value);
      continue;
    }
    if (status !== undefined) throw malformed('the status comes twice');
    if (!STATUS.test(value)) throw malformed(`${quoted(value)} is no status`);
    status = Number(value.slice(0, 3));
  }
  return { status: status ?? (headers.has('location') ? 302 : 200), headers, body: bytes.subarray(end) };
}

/** The lines before the first empty one, and where the body begins. */
function headOf(bytes: Uint8Array): { lines: string[]; end: number } {
  const lines: string[] = [];
  for (let start = 0; ;) {
    const lineEnd = bytes.indexOf(LF, start);
    if (lineEnd < 0) {
      const what = bytes.length === 0 ? 'it is empty' : `no empty line ends ${quoted(decodeLatin1(bytes))}`;
      throw malformed(what);
    }
    const line = decodeLatin1(bytes, start, lineEnd).replace(/\r$/, '');
    start = lineEnd + 1;
    if (line === '') return { lines, end: start };
    lines.push(line);
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  for (const chunk of chunks) {
    if (!isBytes(chunk))
      throw new TypeError(`responseOf takes chunks that are Uint8Arrays, not ${quotedChunk(chunk)}`);
  }
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let end = 0;
  for (const chunk of chunks) {
    whole.set(chunk, end);
    end += chunk.length;
  }
  return whole;
}

function malformed(what: string): SyntaxError {
  return new SyntaxError(`the response is malformed: ${what}`);
}
