/** A gateway: HTTP in, SCGI out. RFC 3875, SCGI §3 and §4. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { Subject, type Observable } from 'rxjs';
import { GuardedEvents } from '../../server/guarded-events.js';
import { printError } from '../../system/serving/print-error.js';
import { GatewayExchange, type GatewayContext } from './gateway-exchange.js';
import type { GatewayEvent } from './gateway-event.js';
import { verifyGatewayOptions, type GatewayOptions } from './gateway-options.js';
import type { HttpRequest } from './http/http-request.js';
import type { HttpServerResponse } from './http/http-response.js';
import { Places } from './places.js';

/** A listener for `http.createServer`, `https.createServer`, the compatibility API of `http2`, Express and Connect. */
export interface ScgiGateway {
  (request: IncomingMessage, response: ServerResponse): void;
  (request: Http2ServerRequest, response: Http2ServerResponse): void;
  /** The outcome of each request. Hot, and never completes. */
  readonly events: Observable<GatewayEvent>;
}

/**
 * Makes an HTTP gateway to an SCGI application. Each request is sent on a connection of its own.
 *
 *     request:   --H--b--b--|            H head, b body, streamed as the application takes it
 *     SCGI:      --H--b--b------h-r-r--|
 *     response:  ---------------h-r-r--|   h head, r body, streamed as the client takes it
 *
 *     createServer(scgiGateway('unix:/run/app.sock')).listen(8080, '127.0.0.1');
 *     express().use('/app', scgiGateway('127.0.0.1:4000'));
 *
 * When the client leaves, the connection to the application is closed. When the application cuts a response short, the client's
 * response is cut, too: HTTP/1.1 shows it by its framing, the connection of HTTP/1.0 and the stream of HTTP/2 are reset. Up to 10 local
 * redirects are followed. Other failures are answered with a status and its reason phrase; `events` has the cause.
 *
 * Everyone who can connect to the gateway can call the application, and so can web pages: see {@link GatewayOptions.allowedHosts}.
 *
 * @param target - the application: `127.0.0.1:4000`, `unix:/run/app.sock`, `unix:@abstract`, `scgi://host:port`, `scgi:///path`.
 * @param options - limits and times, each with its unit; see {@link GatewayOptions}.
 * @throws RangeError | TypeError at the call, when the target or an option is invalid.
 * Error notifications: none; these are the errors of `failure` events: 400 ERR_SCGI_HTTP_REQUEST, 421 ERR_SCGI_HOST_NOT_ALLOWED, 501 ERR_SCGI_HTTP_TRANSFER_CODING, 413
 * ERR_SCGI_BODY_TOO_LARGE, 503 ERR_SCGI_TOO_MANY_CONNECTIONS; 502 ERR_SCGI_CONNECT_FAILED, ERR_SCGI_EMPTY_RESPONSE,
 * ERR_SCGI_RESPONSE_HEAD, ERR_SCGI_RESPONSE_HEAD_TOO_LARGE, ERR_SCGI_RESPONSE_TRUNCATED, ERR_SCGI_LOCAL_REDIRECTS; 504
 * ERR_SCGI_CONNECT_TIMEOUT, ERR_SCGI_RESPONSE_HEAD_TIMEOUT; after the head ERR_SCGI_RESPONSE_TRUNCATED,
 * ERR_SCGI_RESPONSE_BODY_TIMEOUT, ERR_SCGI_SEND_TIMEOUT, ERR_SCGI_BODY_TIMEOUT; 500 ERR_SCGI_BODY_USED when a body parser ran before the gateway.
 * @see RFC 3875 §4, §6
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { scgiGateway } from 'rxscgi/node';
 *
 * const gateway = scgiGateway('unix:/run/app.sock');
 * gateway.events.subscribe((event) => console.log(event.type, event.request.url));
 * createServer(gateway).listen(8080, '127.0.0.1');
 * ```
 */
export function scgiGateway(target: string, options?: GatewayOptions): ScgiGateway {
  return makeGateway(target, options);
}

/** @internal As `scgiGateway`, with a page of one's own for errors. */
export function makeGateway(
  target: string,
  options?: GatewayOptions,
  answerError?: GatewayContext['answerError'],
): ScgiGateway {
  const settings = verifyGatewayOptions(target, options);
  const subject = new Subject<GatewayEvent>();
  const context: GatewayContext = {
    settings,
    places: new Places(settings.maxConnections, settings.maxWaiting),
    get observed() {
      return subject.observed;
    },
    emit: (event) => subject.next(event),
    answerError,
  };
  const listener = (request: HttpRequest, response: HttpServerResponse): void =>
    new GatewayExchange(context, request, response).start();
  const events = new GuardedEvents<GatewayEvent>(printError, (subscriber) => subject.subscribe(subscriber));
  return Object.assign(listener, { events });
}
