/** The response to an HTTP client, over HTTP/1 and HTTP/2: complete, or visibly incomplete. RFC 9110, RFC 9112 §8 */
import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import { ScgiProtocolError } from '../../../core/errors/errors.js';
import type { IncomingResponseHead } from '../../../core/events.js';
import { reasonPhraseOf } from '../../../core/response/reason-phrases.js';
import type { HttpRequest } from './http-request.js';

/** A response of `node:http`, or of the compatibility API of `node:http2`. */
export type HttpServerResponse = ServerResponse | Http2ServerResponse;

/** They describe the connection to the client, which is ours. RFC 9110 §7.6.1 */
const CONNECTION_FIELDS: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];
/** INTERNAL_ERROR: without it, the end of the stream would look like the end of the response. RFC 9113 §7 */
const INTERNAL_ERROR = 2;

export class HttpResponse {
  /** Bytes of the body. */
  bytesOut = 0;

  constructor(
    private readonly request: HttpRequest,
    readonly response: HttpServerResponse,
  ) {
    // Without a listener, an error ends the process. What has happened shows when the response is closed.
    response.on('error', () => undefined);
  }

  get begun(): boolean {
    return this.response.headersSent;
  }

  /** Whether the client has left, or the response was cut: it does not emit `close` any more. */
  get gone(): boolean {
    const { response } = this;
    return 'stream' in response ? response.stream.destroyed : response.destroyed;
  }

  /** The status, or 0 before there is one. */
  get status(): number {
    return this.begun ? this.response.statusCode : 0;
  }

  /** Whether all of it has gone out; asked when the response is closed. */
  get complete(): boolean {
    const { response } = this;
    if (!response.writableEnded) return false;
    return 'stream' in response ? response.stream.rstCode === 0 : response.writableFinished;
  }

  /** Whether the client has yet to take some of it. */
  get waiting(): boolean {
    const { response } = this;
    return response.writableEnded && ('stream' in response ? response.stream : response).writableLength > 0;
  }

  /**
   * Begins the response with the application's head.
   *
   * @throws ScgiProtocolError ERR_SCGI_RESPONSE_HEAD for a status that HTTP does not have.
   */
  begin({ status, statusText, headers }: IncomingResponseHead): void {
    const { response } = this;
    if (status > 599)
      throw new ScgiProtocolError('ERR_SCGI_RESPONSE_HEAD', `${status} is not a status of HTTP`, undefined);
    const fields = new Map<string, string[]>();
    const dropped = connectionFields(headers);
    if (status === 204 || status === 205) dropped.add('content-length');
    for (const [name, value] of headers) {
      const field = name.toLowerCase();
      if (dropped.has(field)) continue;
      const values = fields.get(field);
      if (values) values.push(value);
      else fields.set(field, [name, value]);
    }
    // Unlike 204 and 304, a 205 says nothing about its end: the length does. RFC 9112 §6.3
    if (status === 205) fields.set('content-length', ['Content-Length', '0']);
    const flat: (string | string[])[] = [];
    for (const [name, ...values] of fields.values())
      flat.push(name as string, values.length === 1 ? (values[0] as string) : values);
    if ('stream' in response) {
      try {
        for (let i = 0; i < flat.length; i += 2) response.setHeader(flat[i] as string, flat[i + 1] as string);
        response.writeHead(status);
      } catch (fault) {
        // Such as a second Location: it must not be in the answer to the fault, too.
        for (const field of fields.keys()) response.removeHeader(field);
        // Node.js does not remove this one.
        if (fields.has('date')) response.setHeader('Date', new Date().toUTCString());
        throw fault;
      }
    } else {
      response.writeHead(status, statusText === '' ? reasonPhraseOf(status) : statusText, flat as string[]);
    }
  }

  /**
   * Lets a client go on that sends its body only when it is told to, unless Node.js has told it already. HTTP/1.0 has no such clients.
   * RFC 9110 §10.1.1
   */
  inviteBody(): void {
    const { request, response } = this;
    if (request.headers.expect?.toLowerCase() !== '100-continue' || this.begun) return;
    if (request.httpVersion !== '1.0' && !hasInvited(response)) response.writeContinue();
  }

  /** Sends the head now: a stream of events may take its time before the first. */
  flushHead(): void {
    // HTTP/2 has sent it at once. `flushHeaders` would write bytes above 7f as UTF-8.
    if (!('stream' in this.response)) this.response.write('', 'latin1');
  }

  /** @returns false when it is to be called again only after the response's `drain`. */
  write(data: Uint8Array): boolean {
    this.bytesOut += data.length;
    return (this.response as ServerResponse).write(data);
  }

  end(): void {
    this.response.end();
  }

  /** Answers with a status, and nothing else about the reason. What comes of the request meanwhile is dropped. */
  refuse(status: number): void {
    const { request, response } = this;
    const text = `${reasonPhraseOf(status)}\n`;
    request.resume();
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    response.setHeader('Content-Length', text.length);
    this.begin({ status, statusText: '', headers: [] });
    if (request.method !== 'HEAD') this.write(Buffer.from(text));
    response.end();
  }

  /** Ends a response that has begun, so that its client sees that it is incomplete. */
  cut(): void {
    const { request, response } = this;
    if ('stream' in response) response.stream.close(INTERNAL_ERROR);
    // In HTTP/1.0 the end of the connection may be the end of the response: there, only a reset tells.
    else if (request.httpVersionMinor === 0 && canReset(request.socket)) request.socket.resetAndDestroy();
    else response.destroy();
  }
}

/** The fields, in lower case, that belong to the connection by which a response came. RFC 9110 §7.6.1 */
function connectionFields(headers: IncomingResponseHead['headers']): Set<string> {
  const fields = new Set(CONNECTION_FIELDS);
  for (const [name, value] of headers) {
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue;
    for (const each of value.split(',')) fields.add(each.trim().toLowerCase());
  }
  return fields;
}

function hasInvited(response: HttpServerResponse): boolean {
  if ('stream' in response)
    return response.stream.sentInfoHeaders?.some((head) => head[':status'] === 100) ?? false;
  return (response as { readonly _sent100?: boolean })._sent100 === true;
}

/** Node.js resets TCP alone: not Unix sockets, which have no port, and not TLS, whose end has a form of its own. */
function canReset(socket: Socket & { readonly encrypted?: boolean }): boolean {
  return socket.localPort !== undefined && socket.encrypted !== true;
}
