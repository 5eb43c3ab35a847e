/**
 * From an application's socket to an HTTP response.
 *
 *     head ──the empty line──▶ body ──Content-Length bytes, or FIN──▶ done
 *       └──────── FIN, a fault ──┴──▶ an error
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { fromEvent, type Subscription } from 'rxjs';
import type { Target } from '../../operators/forwarding-subscriber.js';
import { HELD_BY_RESPONSE } from '../../operators/flow.js';
import { GatewayError } from './gateway-error.js';
import { ResponseHeadReader, type ResponseHead } from './response-head-reader.js';
import type { ConnectionState } from '../../server/connection-state.js';

/** Learns how the response ended. */
export interface ForwardOutcome {
  error(error: unknown): void;
  complete(): void;
}

const NOTHING = new Uint8Array(0);

export class ResponseForwarder implements Target<Uint8Array> {
  /** Set from outside when the response was cut short, which its FIN does not show. */
  cutShort = false;
  private state: 'head' | 'body' | 'done' = 'head';
  private readonly reader = new ResponseHeadReader();
  /** Bytes of the body still to come; `undefined` when FIN ends it. */
  private left: number | undefined;
  private readonly drains: Subscription;

  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly socket: Socket,
    private readonly source: ConnectionState,
    private readonly outcome: ForwardOutcome,
  ) {
    this.drains = fromEvent(response, 'drain').subscribe(() => source.hold(HELD_BY_RESPONSE, false));
  }

  /** Whether the whole response has been passed on. */
  get done(): boolean {
    return this.state === 'done';
  }

  stop(): void {
    this.drains.unsubscribe();
    this.source.stopReading();
  }

  // ---- the socket's notifications

  next(chunk: Uint8Array): void {
    switch (this.state) {
      case 'head':
        this.collect(chunk);
        break;
      case 'body':
        this.forward(chunk);
        break;
      case 'done':
        break;
      default:
        this.state satisfies never;
    }
  }

  error(error: unknown): void {
    const { failure } = this.source;
    const code = this.state === 'head' ? 'ERR_SCGI_APPLICATION_GONE' : 'ERR_SCGI_RESPONSE_TRUNCATED';
    const how = failure ? `: ${failure.message}` : '';
    this.outcome.error(new GatewayError(code, `no connection to the application${how}`, { cause: error }));
  }

  complete(): void {
    if (this.state === 'head') {
      const code = this.reader.empty ? 'ERR_SCGI_EMPTY_RESPONSE' : 'ERR_SCGI_RESPONSE_HEAD';
      this.outcome.error(
        new GatewayError(code, 'the application closed the connection before the end of a head'),
      );
    } else if (this.left !== undefined || this.cutShort) {
      this.truncated();
    } else {
      this.confirmEnd();
    }
  }

  // ---- the response

  private collect(chunk: Uint8Array): void {
    try {
      const whole = this.reader.push(chunk);
      if (!whole) return;
      this.begin(whole.head, whole.rest);
    } catch (fault) {
      this.outcome.error(fault);
    }
  }

  private begin({ status, reason, fields, contentLength }: ResponseHead, rest: Uint8Array): void {
    const bodiless = this.request.method === 'HEAD' || status === 204 || status === 304;
    this.state = 'body';
    this.left = bodiless ? 0 : contentLength;
    this.response.writeHead(status, reason, [...fields]);
    if (this.left === 0) this.finish();
    else if (rest.length > 0) this.forward(rest);
    // A stream of events may take its time before the first: its client wants to know that it is open.
    else this.response.flushHeaders();
  }

  private forward(chunk: Uint8Array): void {
    const data = this.left === undefined ? chunk : chunk.subarray(0, this.left);
    if (!this.response.write(data)) this.source.hold(HELD_BY_RESPONSE, true);
    if (this.left === undefined) return;
    this.left -= data.length;
    if (this.left === 0) this.finish();
  }

  /**
   * libuv takes a reset that arrives together with the last data for an end (it looks at POLLHUP, not at the error). To
   * write nothing tells them apart, where nothing is queued; on a Unix socket, closed is closed.
   */
  private confirmEnd(): void {
    const { socket } = this;
    if (socket.localPort === undefined || socket.writableLength > 0) this.finish();
    else socket.write(NOTHING, (error) => (error ? this.truncated() : this.finish()));
  }

  private truncated(): void {
    const message = 'the application closed the connection before the end of its response';
    this.outcome.error(new GatewayError('ERR_SCGI_RESPONSE_TRUNCATED', message));
  }

  private finish(): void {
    this.state = 'done';
    this.response.end();
    this.outcome.complete();
  }
}
