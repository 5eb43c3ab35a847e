/** Calls an SCGI application: one request, one response, one connection. */
import { EventEmitter, getMaxListeners, setMaxListeners } from 'node:events';
import { Observable, type Subscriber } from 'rxjs';
import { ResponseSubscriber } from '../../operators/decode-scgi-response.js';
import { RequestEncoder } from '../../operators/encode-scgi-request.js';
import type { ScgiIncomingResponse } from '../../operators/outgoing/incoming-response.js';
import type { ConnectTarget } from '../../server/address.js';
import { ApplicationConnection, type CallWatcher } from './application-connection.js';
import {
  repeatable,
  verifyCallInit,
  verifyTarget,
  type CallSettings,
  type ScgiCallInit,
} from './call-options.js';

/**
 * Sends a request to an SCGI application, and emits its response.
 *
 *     subscribe:  ──connect──request──▶
 *     result:     ----------------r--------|    r: ScgiIncomingResponse, as soon as its head is complete
 *     r.body:                     ---a--b--|
 *
 * Cold: each subscription makes a connection and sends the request, so that `retry`, `timeout` and `race` work as usual. When neither
 * the result nor the body of the response has a subscriber, the connection is closed. So read the body in the same pipeline:
 * `mergeMap((response) => response.text())`. A body that nobody reads pauses the connection. The request's body is sent as
 * `encodeScgiRequest` does it: a source of chunks needs a `contentLength`.
 *
 * @param target - `127.0.0.1:4000`, `[::1]:4000`, `unix:/run/app.sock`, `unix:@abstract`, `scgi://host:port`, `scgi:///path`.
 * @param init - the request, the signal, and limits; see {@link ScgiCallInit}.
 * @returns a cold Observable of the one response.
 * @throws RangeError | TypeError at the call, when the target or an option is invalid.
 * Error notifications: ERR_SCGI_CONNECT_FAILED, ERR_SCGI_CONNECT_TIMEOUT, ERR_SCGI_RESPONSE_HEAD_TIMEOUT,
 * ERR_SCGI_RESPONSE_BODY_TIMEOUT, ERR_SCGI_UNREAD_TIMEOUT; those of `encodeScgiRequest` and `decodeScgiResponse`; the signal's reason.
 * After a reset of the connection, the error is ERR_SCGI_EMPTY_RESPONSE or ERR_SCGI_RESPONSE_TRUNCATED, and its `cause` is the system's
 * error.
 * @see SCGI (2008-06-23) §3, §4; RFC 3875 §6
 * @example
 * ```ts
 * import { scgiRequest } from 'rxscgi/node';
 * import { mergeMap } from 'rxjs';
 *
 * scgiRequest('unix:/run/app.sock', { method: 'POST', uri: '/orders', body: '{"n":1}', headersTimeoutMs: 5000 })
 *   .pipe(mergeMap((response) => response.text()))
 *   .subscribe({ next: console.log, error: (error) => console.error(error.code) });
 * ```
 */
export function scgiRequest(target: string, init: ScgiCallInit = {}): Observable<ScgiIncomingResponse> {
  return watchedRequest(target, init);
}

/** Calls an application as {@link scgiRequest} does, and shows the bytes to a watcher. */
export function watchedRequest(
  target: string,
  init: ScgiCallInit,
  watcher: CallWatcher = {},
): Observable<ScgiIncomingResponse> {
  const address = verifyTarget(target);
  const settings = verifyCallInit('scgiRequest', init);
  return callApplication(address, settings, repeatable(init), watcher);
}

/** Makes a call whose options have been verified. */
export function callApplication(
  target: ConnectTarget,
  settings: CallSettings,
  init: ScgiCallInit,
  watcher: CallWatcher,
): Observable<ScgiIncomingResponse> {
  return new Observable((destination) => {
    const { method, uri, headers, variables, body, contentLength, signal } = init;
    // `forkJoin` and others subscribe although an earlier source has ended them: nobody would close the connection.
    if (destination.closed || signal?.aborted) {
      watcher.closed?.();
      if (!destination.closed) destination.error(signal?.reason);
      return;
    }
    const { maxResponseHeadBytes, bodyHighWaterMark, maxQueuedBytes } = settings;
    const connection = new ApplicationConnection(target, settings, watcher);
    const { flow } = connection;
    const limits = { maxResponseHeadBytes, requestMethod: method };
    const reader = { limits, flow, bodyHighWaterMark, maxQueuedBytes, observer: connection };
    const response = new ResponseSubscriber(destination, reader);
    if (signal) abortBy(signal, response);
    connection.start((output) => {
      const encoder = new RequestEncoder(output, { flow, maxQueuedBytes });
      // Before the body begins, which may end the call at once.
      response.add(encoder);
      encoder.next({ method, uri, headers, variables, body, contentLength });
    }, response);
  });
}

/** Passes the source on, and errors with the signal's reason when that is aborted. */
export function abortable<T>(signal: AbortSignal | null | undefined, source: Observable<T>): Observable<T> {
  if (!signal) return source;
  return new Observable((subscriber) => {
    if (signal.aborted) {
      subscriber.error(signal.reason);
      return;
    }
    abortBy(signal, subscriber);
    source.subscribe(subscriber);
  });
}

function abortBy(signal: AbortSignal, subscriber: Subscriber<never>): void {
  const abort = (): void => subscriber.error(signal.reason);
  allowManyListeners(signal);
  signal.addEventListener('abort', abort);
  subscriber.add(() => signal.removeEventListener('abort', abort));
}

/** For Node.js 20, the eleventh listener looks like a leak. `fetch` does the same; a limit that somebody has set stays. */
function allowManyListeners(signal: AbortSignal): void {
  try {
    if (getMaxListeners(signal) === EventEmitter.defaultMaxListeners) setMaxListeners(Infinity, signal);
  } catch {
    // Node.js 20 cannot read a limit of 0, which is no limit.
  }
}
