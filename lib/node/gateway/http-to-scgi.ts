/** The outgoing side, as far as the embedded front end needs it: HTTP in, SCGI out. SCGI §3, RFC 3875 §6. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { Observable, fromEvent, race, switchMap, take, takeUntil, timer } from 'rxjs';
import { reasonPhraseOf } from '../../core/response/reason-phrases.js';
import { connectOptions, parseAddress } from '../../server/address.js';
import { countBody, type CountedBody } from './counted-body.js';
import { GatewayError } from './gateway-error.js';
import { encodeVariables, gatewayVariables } from './gateway-variables.js';
import { ResponseForwarder } from './response-forwarder.js';
import type { ServerEvent } from '../../server/server-event.js';
import { socketStateOf } from '../socket-state.js';

/** Options of {@link httpToScgi}. */
export interface HttpToScgiOptions {
  /** Bytes of a body of unknown length that are held to count it, at most; beyond: 413. Default 16 777 216. */
  readonly maxCountedBytes?: number | undefined;
  /**
   * What the application's server says, where it is in this process. A Unix socket knows no reset: by these, and
   * `REQUEST_ID`, a response without `Content-Length` that was cut short is told from a complete one.
   */
  readonly events?: Observable<ServerEvent> | undefined;
  /** Gets what goes wrong between here and the application; the client gets a status and nothing of the error. */
  readonly onError?: ((error: unknown, request: IncomingMessage) => void) | undefined;
}

const DEFAULT_MAX_COUNTED_BYTES = 16 * 1024 * 1024;
/** How long the rest of a request is read, so that its client gets to read the answer. */
const LINGER_MS = 2000;

/**
 * Makes a listener for `http.createServer` that forwards each request to an SCGI application, on a connection of its own.
 *
 *     request:   --H--b--b--|            H head, b body, streamed as the application takes it
 *     SCGI:      --H--b--b------h-r-r--|
 *     response:  ---------------h-r-r--|   h head, r body, streamed as the client takes it
 *
 * A client that goes away ends the connection, so that the handler is unsubscribed. A response cut short destroys the
 * client's connection, so that it does not look complete. A missing or malformed response is a 502.
 *
 * @param target - the application's address.
 * @throws TypeError at the call, when the address is invalid.
 */
export function httpToScgi(target: string, options: HttpToScgiOptions = {}): RequestListener {
  const { maxCountedBytes = DEFAULT_MAX_COUNTED_BYTES } = options;
  const endpoint = connectOptions(parseAddress(target));
  return (request, response) => {
    countBody(request, maxCountedBytes)
      .pipe(
        switchMap((body) => exchange(request, response, body, endpoint, options.events)),
        takeUntil(fromEvent(response, 'close')),
      )
      .subscribe({
        error: (error: unknown) => {
          options.onError?.(error, request);
          refuse(request, response, error instanceof GatewayError ? error.status : 502);
        },
      });
  };
}

/** One connection: cold; completes when the response is out, and ends the connection when unsubscribed. */
function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  { length, collected }: CountedBody,
  endpoint: ReturnType<typeof connectOptions>,
  events: Observable<ServerEvent> | undefined,
): Observable<never> {
  return new Observable((subscriber) => {
    const id = crypto.randomUUID();
    // Half open: by default we do not end our side, but the application may end its own while we still send.
    const socket = connect({ ...endpoint, allowHalfOpen: true });
    const state = socketStateOf(socket);
    const forwarder = new ResponseForwarder(request, response, socket, state, subscriber);
    const watching = events?.subscribe({
      next: (event) => {
        if (event.type !== 'response' && event.type !== 'failure') return;
        if (event.request?.variables.get('REQUEST_ID') === id)
          forwarder.cutShort = event.type === 'failure' || event.aborted;
      },
      // The application of that server is told, too.
      error: () => undefined,
    });
    socket.write(encodeVariables(gatewayVariables(request, length, events ? [['REQUEST_ID', id]] : [])));
    if (collected) socket.write(collected);
    else request.pipe(socket, { end: false });
    state.read(forwarder);
    return () => {
      watching?.unsubscribe();
      forwarder.stop();
      request.unpipe(socket);
      // What the application did not take: the client's next request is behind it.
      request.resume();
      if (forwarder.done) socket.destroy();
      else state.transport.abort();
    };
  });
}

/** Answers with a status while that is possible, and destroys the connection where it is not. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number): void {
  if (response.headersSent) {
    // In HTTP/1.0 the end of the connection is the end of the response: there, only a reset tells.
    if (request.httpVersion === '1.0') request.socket.resetAndDestroy();
    else response.destroy();
    return;
  }
  const reason = reasonPhraseOf(status);
  const text = `${reason}\n`;
  response.writeHead(status, reason, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': text.length,
    ...(request.complete ? {} : { Connection: 'close' }),
  });
  response.write(text);
  if (request.complete) {
    response.end();
    return;
  }
  // The answer is out. To close with unread input would reset the connection, and the client might lose it.
  request.resume();
  race(fromEvent(request, 'end'), fromEvent(response, 'close'), timer(LINGER_MS))
    .pipe(take(1))
    .subscribe(() => response.end());
}
