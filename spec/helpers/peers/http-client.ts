/** An HTTP client that shows what a browser would see: fields, checksum, and whether the response is complete. */
import { createHash } from 'node:crypto';
import {
  request as httpRequest,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { Readable } from 'node:stream';
import { pattern, patternDigest } from './pattern.js';

/** Bodies up to here are also given as text. */
const TEXT_BYTES = 64 * 1024;

const CHUNKED = ['Transfer-Encoding', 'chunked'];

export interface Call {
  readonly method?: string;
  /** An array of names and values in turn sends exactly these header lines. */
  readonly headers?: Readonly<Record<string, string | string[]>> | readonly string[];
  /** Sends this many bytes of the pattern. */
  readonly upload?: number;
  /** Sends the upload with `Transfer-Encoding: chunked`, its length untold. */
  readonly chunked?: boolean;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** False when the connection ended before the response did. */
  readonly complete: boolean;
  readonly bytes: number;
  /** The SHA-256 of the body, in hexadecimal. */
  readonly digest: string;
  /** The body, or its beginning, as ISO-8859-1. */
  readonly text: string;
}

/** What a reply that carries so many bytes of the pattern, all of them, looks like. */
export function wholePattern(bytes: number): Partial<Reply> {
  return { status: 200, complete: true, bytes, digest: patternDigest(bytes) };
}

/** Sends a request on a connection of its own, and takes the whole response. */
export async function call(url: string, options: Call = {}): Promise<Reply> {
  return readReply(await openCall(url, options).response);
}

/** A call under way: the response is there as soon as its head is. */
export interface OpenCall {
  readonly response: Promise<IncomingMessage>;
  /** Goes away, as a browser whose tab is closed does. */
  abandon(): void;
}

export function openCall(url: string, options: Call = {}): OpenCall {
  const { method = options.upload === undefined ? 'GET' : 'POST', upload } = options;
  const request = httpRequest(url, { method, headers: headersOf(url, options), agent: false });
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    // A server may close before it has taken the whole upload: once the response is there, that is no failure.
    request.once('response', resolve).on('error', reject);
  });
  send(request, upload);
  return { response, abandon: () => request.destroy() };
}

function headersOf(
  url: string,
  { headers = {}, upload, chunked = false }: Call,
): OutgoingHttpHeaders | string[] {
  const framing = upload === undefined ? [] : chunked ? CHUNKED : ['Content-Length', String(upload)];
  // Node.js adds nothing to header lines that are given one by one.
  if (isLines(headers)) return ['Host', new URL(url).host, ...headers, ...framing];
  const [name, value] = framing;
  return name === undefined ? { ...headers } : { ...headers, [name]: value };
}

function isLines(headers: NonNullable<Call['headers']>): headers is readonly string[] {
  return Array.isArray(headers);
}

function send(request: ClientRequest, upload: number | undefined): void {
  if (upload === undefined) request.end();
  else Readable.from(pattern(upload), { objectMode: false }).pipe(request);
}

/** Takes the rest of a response. */
export async function readReply(response: IncomingMessage): Promise<Reply> {
  const hash = createHash('sha256');
  let bytes = 0;
  let text = '';
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
      if (text.length < TEXT_BYTES) text += chunk.toString('latin1');
    }
  } catch {
    // Cut short: `complete` says so.
  }
  const { statusCode: status = 0, headers, complete } = response;
  return { status, headers, complete, bytes, digest: hash.digest('hex'), text };
}
