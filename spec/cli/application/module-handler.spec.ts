import { createServer, type RequestListener } from 'node:http';
import { firstValueFrom } from 'rxjs';
import { CommandError } from '../../../lib/cli/command-error.js';
import { handlerOf } from '../../../lib/cli/application/module-handler.js';
import { callHandler, textOf } from '../../../lib/testing/index.js';

/** An application as Express makes it: a request listener with methods. */
const hello: RequestListener = (request, response) => void response.end(`hello ${request.url}`);
const express = Object.assign(
  (...[request, response]: Parameters<RequestListener>) => hello(request, response),
  {
    handle: () => undefined,
    use: () => undefined,
    listen: () => undefined,
  },
);

class Koa {
  listen(): void {}
  callback(): void {}
}

class Hono {
  private readonly greeting = 'hello';
  fetch(request: Request): Response {
    return new Response(`${this.greeting} ${new URL(request.url).pathname}`);
  }
}

describe('handlerOf', () => {
  const handler = (): unknown[] => [{}];

  it.each([
    ['a function of one argument', { default: (request: unknown) => [request] }],
    ['a function of none', { default: handler }],
    ['a function of any number', { default: (...all: unknown[]) => all }],
    ['a function with a default', { default: (_request: unknown, log = console) => [log] }],
    ['an async function', { default: async (request: unknown) => Promise.resolve(request) }],
    ['exports.default of CommonJS', { default: { default: handler } }],
  ])('should take %s', (_what, namespace) => {
    expect(typeof handlerOf(namespace, 'app.mjs')).toBe('function');
  });

  it.each([
    ['a fetch application', { default: new Hono() }],
    ['a fetch application of CommonJS', { default: { default: new Hono() } }],
    ['a request listener', { default: hello }],
    ['a request listener of CommonJS', { default: { default: hello } }],
    ["Express's application", { default: express }],
  ])('should run %s', async (_what, namespace) => {
    const handled = callHandler(handlerOf(namespace, 'app.mjs'), { uri: '/x' });
    expect(textOf((await firstValueFrom(handled)).body)).toBe('hello /x');
  });

  it.each([
    ['no default', { handler }, /no default/],
    ['null', { default: null }, /null/],
    ['a string', { default: 'handler' }, /a string/],
    ['an object', { default: { handler } }, /an object/],
    ['an array', { default: [handler] }, /an object/],
    ['a Promise', { default: Promise.resolve(handler) }, /a Promise.*await/],
    ['a class', { default: Koa }, /a class/],
    ['an object whose fetch is no function', { default: { fetch: 'x' } }, /an object/],
    [
      'middleware',
      { default: (_a: unknown, _b: unknown, _c: unknown) => undefined },
      /3 arguments.*fromRequestListener/,
    ],
    ["Koa's application", { default: new Koa() }, /Koa.*app\.callback\(\)/],
    [
      "Fastify's application",
      { default: { listen: hello, routing: hello, ready: hello } },
      /app\.routing.*ready/,
    ],
    [
      "NestJS's application",
      { default: { listen: hello, getHttpAdapter: hello, init: hello } },
      /getInstance\(\).*init/,
    ],
    ['an HTTP server', { default: createServer() }, /a server.*its listener/],
  ])('should say that a module exports %s', (_what, namespace, found) => {
    let thrown: unknown;
    try {
      handlerOf(namespace, 'app.mjs');
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(CommandError);
    expect(thrown).toMatchObject({ exitCode: 2, message: expect.stringMatching(found) as unknown });
  });
});
