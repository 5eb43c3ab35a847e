/** A gateway that speaks SCGI byte by byte, with a new socket for each request. */
import { connect } from 'node:net';
import { connectOptions } from '../../bench/shared/addresses.mjs';
import { headOf as headOfVariables } from '../../bench/shared/scgi-head.mjs';

const unixSockets = new WeakSet();

/** @param address - `127.0.0.1:4000` or `unix:/run/app.sock`. */
export function connectTo(address, options = {}) {
  const socket = connect({ ...connectOptions(address), ...options });
  if (address.startsWith('unix:')) unixSockets.add(socket);
  return socket;
}

/** The head of a request. */
export function headOf({ method = 'GET', uri = '/', contentLength = 0, headers = {} } = {}) {
  const variables = {
    SCGI: 1,
    REQUEST_METHOD: method,
    REQUEST_URI: uri,
    SERVER_PROTOCOL: 'HTTP/1.1',
    REMOTE_ADDR: '127.0.0.1',
    HTTP_HOST: 'localhost',
    ...headers,
  };
  return headOfVariables(Object.entries(variables), contentLength);
}

/**
 * Finds out, on `end`, how the input of a socket ended.
 *
 * libuv reports a reset that arrives behind unread data as an end (POLLHUP after a partial read); an empty write tells them
 * apart. It needs `allowHalfOpen`. A Unix socket has no reset: only a `Content-Length` shows that a response was cut.
 *
 * @returns a Promise of `undefined` for FIN, or of the code of the error.
 */
export function endingOf(socket) {
  return new Promise((resolve) => {
    if (unixSockets.has(socket)) {
      resolve(undefined);
      return;
    }
    socket.once('error', () => undefined);
    socket.write(Buffer.alloc(0), (error) => resolve(error?.code));
  });
}

/** Separates the head of a response from its body. */
export class ResponseParser {
  #head = Buffer.alloc(0);
  status;
  headers = new Map();

  /** @returns the part of a chunk that belongs to the body. */
  body(chunk) {
    if (this.status !== undefined) return chunk;
    this.#head = Buffer.concat([this.#head, chunk]);
    const end = this.#head.indexOf('\r\n\r\n');
    if (end < 0) return Buffer.alloc(0);
    for (const line of this.#head.toString('latin1', 0, end).split('\r\n')) {
      const colon = line.indexOf(':');
      this.headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
    }
    this.status = Number.parseInt(this.headers.get('status') ?? '200', 10);
    return this.#head.subarray(end + 4);
  }

  /** Whether a gateway would accept `bytes` of body, ended by FIN, as the complete response. */
  isComplete(bytes) {
    const length = this.headers.get('content-length');
    return this.status !== undefined && (length === undefined || Number(length) === bytes);
  }
}

/**
 * Sends a request and reads its response.
 *
 * @returns `{ status, bytes, text, complete, error, ms }`: `complete` is what a gateway would believe; `error` is the
 * code of the socket's error, if any.
 */
export function exchange(address, { body, timeoutMs = 30_000, ...head } = {}) {
  const started = performance.now();
  return new Promise((resolve) => {
    const socket = connectTo(address, { allowHalfOpen: true });
    const parser = new ResponseParser();
    const chunks = [];
    let bytes = 0;
    let ended = false;
    let error;
    const timer = setTimeout(() => socket.destroy(new Error('no end within the time')), timeoutMs);
    socket.on('connect', () => {
      socket.write(headOf({ ...head, contentLength: body?.length ?? 0 }));
      if (body) socket.write(body);
    });
    socket.on('data', (chunk) => {
      const data = parser.body(chunk);
      bytes += data.length;
      chunks.push(data);
    });
    socket.on('end', async () => {
      error ??= await endingOf(socket);
      ended = true;
      socket.destroy();
    });
    socket.on('error', (fault) => (error ??= fault.code ?? fault.message));
    socket.on('close', () => {
      clearTimeout(timer);
      resolve({
        status: parser.status,
        headers: parser.headers,
        bytes,
        text: Buffer.concat(chunks).toString('latin1'),
        complete: ended && error === undefined && parser.isComplete(bytes),
        error,
        ms: performance.now() - started,
      });
    });
  });
}
