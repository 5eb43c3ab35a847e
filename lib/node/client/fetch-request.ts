/** What a fetch sends to an application: the parts of a `Request`, with its body's length, which SCGI announces first. */
import type { ReadableStreamLike } from 'rxjs';
import { ScgiLimitError } from '../../core/errors/errors.js';
import { isBytes } from '../../core/text/latin1.js';
import { quotedChunk } from '../../core/text/quoted.js';
import type { ScgiCallInit } from './call-options.js';

/** A path is enough: which host the application believes it is asked by is its own matter. */
const BASE = 'http://localhost';

/** A body whose length is known. */
interface CountedBody {
  /** Bytes can be sent again, as a redirect may want; a stream cannot. */
  readonly body: Uint8Array | ReadableStream<Uint8Array> | undefined;
  readonly contentLength: number | undefined;
}

/** Everything of a fetch that its calls need. */
export interface FetchRequest extends CountedBody {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly redirect: RequestRedirect;
  readonly signal: AbortSignal;
}

/** The arguments of `fetch` as a `Request`. @throws TypeError as `fetch` does. */
export function fetchRequestOf(input: string | URL | Request, init: RequestInit | undefined): Request {
  const request = new Request(input instanceof Request ? input : new URL(input, BASE), init);
  const { protocol } = new URL(request.url);
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new TypeError(`fetch takes URLs of http: and https:, not of ${protocol}`);
  refuseUnsupported(request);
  return request;
}

/** What would be lost in silence: the caller relies on a check, a field or a cache that is not there. */
function refuseUnsupported({ integrity, referrer, cache }: Request): void {
  if (integrity !== '')
    throw new TypeError('scgiFetch does not check `integrity`; compare a digest of the body yourself');
  if (referrer !== '' && referrer !== 'about:client')
    throw new TypeError('scgiFetch does not send `referrer`; give Referer among the headers');
  if (cache === 'only-if-cached') throw new TypeError("scgiFetch has no cache for `cache: 'only-if-cached'`");
}

/**
 * Counts the body of a request.
 *
 * @param given - the body as it was given, which shows more than the request's own.
 * @param maxBytes - of a body of unknown length, which is held to count it.
 * @throws ScgiLimitError ERR_SCGI_BODY_TOO_LARGE; the signal's reason.
 */
export async function countedRequest(
  request: Request,
  given: RequestInit['body'],
  maxBytes: number,
): Promise<FetchRequest> {
  const { url, method, headers, redirect, signal } = request;
  if (signal.aborted) {
    void request.body?.cancel(signal.reason).catch(() => undefined);
    throw signal.reason;
  }
  const counted = await countBody(request, given, maxBytes);
  return { url: new URL(url), method, headers, redirect, signal, ...counted };
}

/** @param variables - of the caller's own, beside those of the request. */
export function callInitOf(
  { url, method, headers, body, contentLength, signal }: FetchRequest,
  variables: Readonly<Record<string, string>>,
): ScgiCallInit {
  const secure = url.protocol === 'https:';
  const fields = new Headers(headers);
  fields.delete('content-length');
  if (!fields.has('host')) fields.set('host', url.host);
  return {
    method,
    uri: url.pathname + url.search,
    headers: fields,
    variables: {
      SERVER_NAME: url.hostname,
      SERVER_PORT: url.port || (secure ? '443' : '80'),
      ...(secure && { HTTPS: 'on' }),
      ...variables,
    },
    body: body instanceof ReadableStream ? cancelledBy(signal, body) : body,
    contentLength,
    signal,
  };
}

type RxjsReader = ReturnType<ReadableStreamLike<Uint8Array>['getReader']>;

/** A stream that is cancelled with the reason of an abort: what reads the body of a call cancels it without one. */
function cancelledBy(
  signal: AbortSignal,
  stream: ReadableStream<Uint8Array>,
): ReadableStreamLike<Uint8Array> {
  return {
    getReader() {
      const reader = stream.getReader() as ReadableStreamDefaultReader & RxjsReader;
      const cancel = reader.cancel.bind(reader);
      return Object.assign(reader, { cancel: () => cancel(signal.reason) });
    },
  };
}

async function countBody(
  request: Request,
  given: RequestInit['body'],
  maxBytes: number,
): Promise<CountedBody> {
  const { body, headers, signal } = request;
  if (body === null) return { body: undefined, contentLength: undefined };
  const announced = headers.get('content-length');
  // Not `Number` alone: it takes 1e3, 0x10 and an empty text for lengths.
  const contentLength = announced === null ? undefined : /^[0-9]+$/.test(announced) ? Number(announced) : NaN;
  if (isAtHand(given)) return { body: new Uint8Array(await request.arrayBuffer()), contentLength };
  if (given instanceof Blob) return { body, contentLength: contentLength ?? given.size };
  if (contentLength !== undefined) return { body, contentLength };
  return { body: await collect(body, maxBytes, signal), contentLength };
}

/** Whether the caller holds all of a body, so that another copy is no more than twice as much. */
function isAtHand(body: unknown): boolean {
  return (
    typeof body === 'string' ||
    body instanceof URLSearchParams ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body)
  );
}

async function collect(
  stream: ReadableStream<unknown>,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const reader = stream.getReader();
  const cancel = (reason: unknown): void => void reader.cancel(reason).catch(() => undefined);
  const abort = (): void => cancel(signal.reason);
  signal.addEventListener('abort', abort);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return Buffer.concat(chunks);
      if (!isBytes(value))
        throw new TypeError(`the chunks of the body must be Uint8Arrays, not ${quotedChunk(value)}`);
      chunks.push(value);
      bytes += value.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes, bytes);
    }
  } catch (error) {
    cancel(error);
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function tooLarge(limit: number, actual: number): ScgiLimitError {
  return new ScgiLimitError(
    'ERR_SCGI_BODY_TOO_LARGE',
    `the body is of unknown length, and longer than maxBufferedBody, ${limit} bytes, that are held to count it; ` +
      'give its Content-Length',
    limit,
    actual,
  );
}
