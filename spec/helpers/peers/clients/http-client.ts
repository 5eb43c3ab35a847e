/** An HTTP client that shows what a browser receives: fields, a checksum, and whether the response is complete. */
import { createHash } from 'node:crypto';
import {
  request as httpRequest,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { pattern, patternDigest } from './pattern.js';

/** The size up to which a body is also returned as text. */
const TEXT_BYTES = 64 * 1024;

const CHUNKED = ['Transfer-Encoding', 'chunked'];

export interface Call {
  readonly method?: string;
  /** An array of alternating names and values sends exactly these header lines. */
  readonly headers?: Readonly<Record<string, string | string[]>> | readonly string[];
  /** The request target, sent verbatim. Default: the normalised path and query of the URL. */
  readonly target?: string;
  /** Sends this many bytes of the pattern. */
  readonly upload?: number;
  /** Sends these bytes. */
  readonly body?: Uint8Array;
  /** Waits this many milliseconds before each block of 64 KiB of the upload. */
  readonly blockEveryMs?: number;
  /** Sends the upload with `Transfer-Encoding: chunked`, without its length. */
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

/** Matches a complete reply whose body is the first `bytes` bytes of the pattern. */
export function wholePattern(bytes: number): Partial<Reply> {
  return { status: 200, complete: true, bytes, digest: patternDigest(bytes) };
}

/** Sends a request on a connection of its own, and reads the whole response. */
export async function call(url: string, options: Call = {}): Promise<Reply> {
  return readReply(await openCall(url, options).response);
}

/** A call under way. `response` resolves when the head of the response has come. */
export interface OpenCall {
  readonly response: Promise<IncomingMessage>;
  /** Closes the connection, as a browser does when its tab is closed. */
  abandon(): void;
}

export function openCall(url: string, options: Call = {}): OpenCall {
  const { method = bytesToSend(options) === undefined ? 'GET' : 'POST', target } = options;
  const path = target === undefined ? {} : { path: target };
  const request = httpRequest(url, { method, headers: headersOf(url, options), agent: false, ...path });
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    // A server may close before it has taken the whole upload. After the response that is not a failure.
    request.once('response', resolve).on('error', reject);
  });
  send(request, options);
  return { response, abandon: () => request.destroy() };
}

function headersOf(url: string, call: Call): OutgoingHttpHeaders | string[] {
  const { headers = {}, chunked = false } = call;
  const bytes = bytesToSend(call);
  const framing = bytes === undefined ? [] : chunked ? CHUNKED : ['Content-Length', String(bytes)];
  // Node.js adds nothing to header lines that are given one by one.
  if (isLines(headers)) return ['Host', new URL(url).host, ...headers, ...framing];
  const [name, value] = framing;
  return name === undefined ? { ...headers } : { ...headers, [name]: value };
}

function isLines(headers: NonNullable<Call['headers']>): headers is readonly string[] {
  return Array.isArray(headers);
}

function bytesToSend({ upload, body }: Call): number | undefined {
  return body?.length ?? upload;
}

function send(request: ClientRequest, { upload, body, blockEveryMs }: Call): void {
  if (upload === undefined) {
    request.end(body);
  } else {
    const blocks = blockEveryMs === undefined ? pattern(upload) : slowPattern(upload, blockEveryMs);
    Readable.from(blocks, { objectMode: false }).pipe(request);
  }
}

async function* slowPattern(bytes: number, blockEveryMs: number): AsyncGenerator<Uint8Array, void> {
  for (const block of pattern(bytes)) {
    await delay(blockEveryMs);
    yield block;
  }
}

/** Reads the first line of a response that goes on. @throws when the response ends before. */
export function firstLine(response: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    response.on('error', reject).on('close', () => reject(new Error(`the response ended after ${text}`)));
    response.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
    });
  });
}

/** Reads the rest of a response. */
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
