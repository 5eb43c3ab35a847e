/** Runs a listener of `node:http`, as Express, Fastify, Koa and NestJS make them, as a handler. */
import type { RequestListener, Server } from 'node:http';
import { Observable, of } from 'rxjs';
import { quoted } from '../../core/text/quoted.js';
import { reasonPhraseOf } from '../../core/response/reason-phrases.js';
import { text } from '../../operators/makers/response-makers.js';
import { ignore, isThenable, settle } from '../../operators/response/settle.js';
import type { ScgiHandler, ScgiResponse } from '../../operators/types.js';
import { printApplicationError } from '../../system/serving/print-error.js';
import { ExchangeSocket } from './exchange-socket.js';

/** The engine's limits and timeouts apply: a server of our own has none. */
const SERVER_OPTIONS = {
  maxHeaderSize: Number.MAX_SAFE_INTEGER,
  headersTimeout: 0,
  requestTimeout: 0,
  keepAliveTimeout: 0,
};

/**
 * Makes a handler of a listener of `node:http`.
 *
 *     serveScgi(fromRequestListener(app), { listen: '127.0.0.1:4000' });     // Express
 *     fromRequestListener(koa.callback());
 *     fromRequestListener(fastify.routing);                                  // after await fastify.ready()
 *     fromRequestListener(nest.getHttpAdapter().getInstance());              // after await nest.init()
 *
 *     request:              --r---------------
 *     listener:               --h--b--b--e        writes head, body and end
 *     fromRequestListener:  ----(R)------|
 *     R.body:                   ---b--b--|
 *
 * `req` and `res` are the objects of `node:http` itself: each exchange is a connection in memory to an `http.Server` that never
 * listens. `req.socket.remoteAddress` and `encrypted` describe the client's connection, and `req.socket.scgiRequest` is the SCGI
 * request. `req.url` is its path in normal form, without `mount`, and its query. Both bodies have backpressure. When the gateway
 * leaves, `req` and `res` emit `close`; if the request was not complete, `req` also emits `aborted`. If the listener does not finish
 * its response, the connection is cut.
 *
 * An error that the listener throws, or that rejects the Promise it returns, is answered with its `status`, or else with 500, and is
 * passed to `onError`. CONNECT, and methods that Node.js does not know, are answered with 501.
 *
 * @param listener - `(request, response) => void`.
 * @throws TypeError when the listener is not a function.
 * Error notifications: what the listener throws; ERR_SCGI_EMPTY_RESPONSE when it destroys its socket before it has sent a response.
 * The response's body errors with ERR_SCGI_RESPONSE_TRUNCATED when the listener destroys its socket before the end.
 * @see https://nodejs.org/api/http.html#event-connection
 * @example
 * ```ts
 * import { fromRequestListener, serveScgi } from 'rxscgi/node';
 *
 * // An Express application is such a function, too.
 * const handler = fromRequestListener((request, response) => response.end(`Hello, ${request.url}`));
 * serveScgi(handler, { listen: '127.0.0.1:4000' }).subscribe();
 * ```
 */
export function fromRequestListener(listener: RequestListener): ScgiHandler {
  if (typeof listener !== 'function') {
    throw new TypeError(`fromRequestListener takes a function (request, response), not ${quoted(listener)}`);
  }
  // Loaded here: servers of other handlers start without it.
  const http = process.getBuiltinModule('node:http');
  const server = serverOf(http, listener);
  // What Node.js parses. CONNECT asks for a tunnel, which no gateway has.
  const methods = new Set(http.METHODS.filter((method) => method !== 'CONNECT'));
  return (request) => {
    const { method } = request;
    if (!methods.has(method)) return of(text(`${reasonPhraseOf(501)}\n`, { status: 501 }));
    return new Observable<ScgiResponse>((subscriber) => {
      const socket = new ExchangeSocket(request, subscriber);
      subscriber.add(() => socket.release());
      server.emit('connection', socket);
    });
  };
}

function serverOf(
  { createServer }: typeof import('node:http'),
  listener: (...exchange: Parameters<RequestListener>) => unknown,
): Server {
  const server = createServer(SERVER_OPTIONS, (request, response) => {
    const socket = request.socket as unknown as ExchangeSocket;
    const failed = (error: unknown): void => {
      // After the exchange, nobody else is left to report it.
      if (!socket.fail(error)) printApplicationError(error);
    };
    try {
      const result = listener(request, response);
      if (isThenable(result)) settle(result, ignore, failed);
    } catch (error) {
      failed(error);
    }
  });
  // The engine has counted them.
  server.maxHeadersCount = 0;
  return server;
}
