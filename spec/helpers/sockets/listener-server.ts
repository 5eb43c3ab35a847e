/** A listener of `node:http` behind `serveScgi`, and what a gateway gets of it. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { fromRequestListener, type ServeOptions } from '../../../lib/node/index.js';
import type { TestRequest } from '../../../lib/testing/index.js';
import { deferred } from '../deferred.js';
import type { TestGateway } from './sockets.js';
import { TestServer } from './test-server.js';

/** A response as it went out, ISO-8859-1, and the errors that the server told of. */
export interface ListenerAnswer {
  readonly head: string;
  readonly text: string;
  readonly errors: readonly unknown[];
}

/** One whole exchange. */
export async function answerOf(
  listener: (...exchange: Parameters<RequestListener>) => unknown,
  request: TestRequest | Uint8Array = {},
  options: Partial<ServeOptions> = {},
): Promise<ListenerAnswer> {
  const errors: unknown[] = [];
  const onError = (error: unknown): number => errors.push(error);
  const server = new TestServer(fromRequestListener(listener), { onError, ...options });
  const gateway = await server.send(request);
  const [head = '', ...rest] = (await gateway.response()).split('\r\n\r\n');
  return { head, text: rest.join('\r\n\r\n'), errors };
}

/** An exchange under way: both sides of it. */
export interface OpenExchange {
  readonly gateway: TestGateway;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly server: TestServer;
  readonly errors: readonly unknown[];
}

/** Sends a request, and hands over what the listener was called with. */
export async function openExchange(
  request: TestRequest | Uint8Array = {},
  options: Partial<ServeOptions> = {},
): Promise<OpenExchange> {
  const called = deferred<[IncomingMessage, ServerResponse]>();
  const errors: unknown[] = [];
  const onError = (error: unknown): number => errors.push(error);
  const sides: [IncomingMessage, ServerResponse][] = [];
  const handler = fromRequestListener((incoming, response) => {
    // Others come meanwhile.
    if (sides.push([incoming, response]) > 1) response.end();
    called.resolve(sides[0]!);
  });
  const server = new TestServer(handler, { onError, ...options });
  const gateway = await server.send(request);
  const [incoming, response] = await called.promise;
  return { gateway, request: incoming, response, server, errors };
}

/** The whole body of a request, as ISO-8859-1. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString('latin1');
  return text;
}

/** Waits until an event has come of each of them. */
export async function eventsOf(
  ...pairs: readonly [IncomingMessage | ServerResponse, string][]
): Promise<void> {
  // Not events.once, which listens for errors: a request has one for its listeners alone.
  await Promise.all(pairs.map(([emitter, event]) => new Promise((resolve) => emitter.once(event, resolve))));
}
