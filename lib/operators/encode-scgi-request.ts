/** A request to bytes: the other direction. SCGI §3 and §4. */
import { Observable, type ObservableInput, type OperatorFunction, type Subscription } from 'rxjs';
import { ScgiLimitError, ScgiUsageError } from '../core/errors/errors.js';
import { verifyOptionNames, type OptionNames } from '../core/options.js';
import { RequestWriter } from '../core/request/request-writer.js';
import { verifyQueue } from './engine-options.js';
import { flowState, type Flow, type FlowState } from './flow/flow.js';
import { ForwardingSubscriber, type Target } from './flow/forwarding-subscriber.js';
import {
  requestVariablesOf,
  verifyRequestLine,
  type RequestVariablesInit,
} from './outgoing/request-variables.js';
import { bytesOf, checkedStream, isChunk, type Streaming } from './response/body-chunk.js';
import { discardResponse } from './response/discard-response.js';
import { emitHeadTo, type ResponseOutlet, type TextSink } from './response/response-outlet.js';
import { COALESCED_BYTES, ResponseStream } from './response/response-stream.js';
import type { BodyChunk } from './types.js';

/** A request to an application. Everything is optional. */
export interface ScgiRequestInit extends RequestVariablesInit {
  /** Text (sent as UTF-8), bytes, or a source of them. A source needs `contentLength`. */
  readonly body?: BodyChunk | ObservableInput<BodyChunk> | null | undefined;
  /** Length of the body in bytes. Needed for a source of chunks, and enforced. */
  readonly contentLength?: number | undefined;
}

/** Options of {@link encodeScgiRequest}. */
export interface EncodeRequestOptions {
  /** The flow of the connection. Without it, chunks go out as soon as they come. */
  readonly flow?: Flow | undefined;
  /** Most bytes of an Observable body that wait for the application. Default 16 777 216. */
  readonly maxQueuedBytes?: number | undefined;
}

export const REQUEST_INIT: OptionNames<ScgiRequestInit> = {
  method: true,
  uri: true,
  headers: true,
  variables: true,
  body: true,
  contentLength: true,
};

/** Most requests have no body. */
const NOTHING = new Uint8Array(0);

interface Settings {
  readonly flow: FlowState | undefined;
  readonly maxQueuedBytes: number;
}

/**
 * Writes the request of one connection to an application.
 *
 *     source:  --r----------        r: ScgiRequestInit with an Observable body
 *     r.body:    --a--b--|
 *     result:  --h-a--b--|          h: the head, with the first chunk if there is one already
 *
 * Completes when the request is out, and then unsubscribes from the source. What the source does after its first request is ignored.
 * `CONTENT_LENGTH` goes first and `SCGI` second. The length of a body of text or bytes is counted; a small body goes out with the head
 * in one chunk. Iterables, async iterables, `ReadableStream`s and Node.js `Readable`s are pulled while `flow.outputPaused` is false.
 * Observables push: what the application does not take yet is queued.
 *
 * @param options - the connection's flow, and the limit of its queue in bytes; see {@link EncodeRequestOptions}.
 * @returns an operator function from the one {@link ScgiRequestInit} to chunks.
 * @throws RangeError | TypeError at the call, when an option is invalid.
 * Error notifications: ERR_SCGI_HEADER_INVALID and ERR_SCGI_BODY_TYPE before a byte goes out; ERR_SCGI_BODY_LENGTH when the body is
 * longer or shorter than its length, or a source has none; ERR_SCGI_BODY_OVERFLOW when the queue is full; ERR_SCGI_EVENT_ORDER when
 * the source completes without a request; the errors of the source and of the body. After an error, close the connection.
 * @see SCGI (2008-06-23) §3, §4
 * @example
 * ```ts
 * import { encodeScgiRequest } from 'rxscgi';
 * import { of } from 'rxjs';
 *
 * of({ method: 'POST', uri: '/upload?n=1', headers: { 'Content-Type': 'text/plain' }, body: 'text' })
 *   .pipe(encodeScgiRequest())
 *   .subscribe((chunk) => console.log(new TextDecoder().decode(chunk)));
 * ```
 */
export function encodeScgiRequest(
  options: EncodeRequestOptions = {},
): OperatorFunction<ScgiRequestInit, Uint8Array> {
  verifyOptionNames('encodeScgiRequest', options, { flow: true, maxQueuedBytes: true });
  const settings: Settings = {
    flow: flowState(options.flow),
    maxQueuedBytes: verifyQueue(options.maxQueuedBytes),
  };
  return (source) =>
    new Observable((destination) => {
      const encoder = new RequestEncoder(destination, settings);
      const requests = new ForwardingSubscriber(encoder);
      encoder.requests = requests;
      destination.add(requests);
      destination.add(encoder);
      source.subscribe(requests);
    });
}

/** Writes the first request that it gets. A call has its request at hand, and uses it without an operator. */
export class RequestEncoder implements Target<ScgiRequestInit>, ResponseOutlet {
  /** The subscription to the source. */
  requests: Subscription | undefined;
  /** No body is read on this side, so there is nothing to hold. */
  readonly bodyTaken = false;
  private readonly writer = new RequestWriter();
  private stream: ResponseStream | undefined;
  private begun = false;

  constructor(
    private readonly destination: Target<Uint8Array> & Partial<TextSink>,
    private readonly settings: Settings,
  ) {}

  // ---- the source's notifications

  next(request: ScgiRequestInit): void {
    if (this.begun) return;
    this.begun = true;
    try {
      this.send(request);
    } catch (fault) {
      if (!this.stream) discardResponse(request);
      this.fail(fault);
    }
  }

  error(error: unknown): void {
    this.requests?.unsubscribe();
    if (!this.begun) this.destination.error(error);
  }

  complete(): void {
    this.requests?.unsubscribe();
    if (this.begun) return;
    this.destination.error(
      new ScgiUsageError('ERR_SCGI_EVENT_ORDER', 'the source completed without a request'),
    );
  }

  // ---- ResponseOutlet

  emitHead(head: string, data: Uint8Array | string): void {
    emitHeadTo(this.destination, head, data);
  }

  emit(bytes: Uint8Array): void {
    this.destination.next(bytes);
  }

  started(): void {
    // Nobody waits for it.
  }

  ended(): void {
    this.destination.complete();
  }

  fail(error: unknown): void {
    this.destination.error(error);
  }

  /** The code that ended the body gets the exception, as with operators of RxJS. */
  bodyFinalizerThrew(fault: unknown, left: boolean): void {
    if (!left) throw fault as Error;
  }

  // ---- the request

  unsubscribe(): void {
    this.stream?.unsubscribe();
  }

  private send(request: ScgiRequestInit): void {
    if ((request as ScgiRequestInit | undefined) === undefined)
      throw new TypeError('a request is an object { uri, headers, body, ... }, not undefined');
    verifyOptionNames('a request', request, REQUEST_INIT);
    const body = request.body ?? '';
    if (!isChunk(body)) {
      const stream = checkedStream(body);
      if (request.contentLength === undefined) {
        throw new ScgiUsageError(
          'ERR_SCGI_BODY_LENGTH',
          'a body that is a source of chunks needs a contentLength, as SCGI announces it first',
        );
      }
      this.sendStream(this.writeHead(request, request.contentLength), stream);
      return;
    }
    const data = body === '' ? NOTHING : bytesOf(body);
    const head = this.writeHead(request, request.contentLength ?? data.length);
    if (data.length > COALESCED_BYTES) {
      this.sendStream(head, [data]);
      return;
    }
    this.writer.writeBody(data);
    this.writer.end();
    this.emitHead(head, data);
    this.ended();
  }

  private writeHead(request: ScgiRequestInit, contentLength: number): string {
    verifyRequestLine(request);
    return this.writer.writeHead({ variables: requestVariablesOf(request, contentLength), contentLength });
  }

  private sendStream(head: string, body: Streaming): void {
    const { flow, maxQueuedBytes } = this.settings;
    this.stream = new ResponseStream(this, this.writer, head, flow, maxQueuedBytes, bodyOverflow);
    this.stream.start(body);
  }
}

function bodyOverflow(bytes: number, limit: number): ScgiLimitError {
  return new ScgiLimitError(
    'ERR_SCGI_BODY_OVERFLOW',
    `${bytes} bytes of an Observable body wait for the application, more than maxQueuedBytes, ${limit}; ` +
      'give an iterable, which is pulled',
    limit,
    bytes,
  );
}
