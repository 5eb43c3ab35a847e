/** `scgiGateway` as middleware of Express and Connect (`npm ci --prefix spec/frameworks`), in front of `serveScgi`. */
import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { of } from 'rxjs';
import type { ScgiHandler } from '../../lib/index.js';
import { scgiGateway, type ScgiGateway } from '../../lib/node/index.js';
import { call, wholePattern } from '../helpers/peers/clients/http-client.js';
import { serve } from '../helpers/sockets/outgoing/call-application.js';
import { Log } from '../helpers/sockets/log.js';
import { afterwards, cleanUpSockets, listening } from '../helpers/sockets/sockets.js';

cleanUpSockets();

type Next = (error?: unknown) => void;
type Middleware = (request: IncomingMessage, response: ServerResponse, next: Next) => void;
type Router = RequestListener & { use(path: string, middleware: Middleware | ScgiGateway): Router };
const MODULES = join(__dirname, 'node_modules');
const load = createRequire(__filename) as (name: string) => () => Router;

/** Answers with what it sees of the target. */
const target: ScgiHandler = ({ variables, path }) => {
  const seen = ['SCRIPT_NAME', 'PATH_INFO', 'REQUEST_URI'].map((name) => variables.get(name) ?? '');
  return of({ headers: { 'Set-Cookie': ['a=1', 'b=2'] }, body: [path, ...seen].join(' ') });
};

describe.each(['express', 'connect'])('scgiGateway in %s', (name) => {
  if (!existsSync(join(MODULES, name)) && process.env.RXSCGI_PEERS !== 'required') {
    process.stderr.write(`skipped, since it is not installed (npm ci --prefix spec/frameworks): ${name}\n`);
    it.skip('should be mounted (not installed: npm ci --prefix spec/frameworks)', () => undefined);
    return;
  }

  /** Serves an application below /app. */
  async function mounted(gateway: ScgiGateway): Promise<string> {
    const router = load(name)();
    router.use('/app', gateway);
    // What a page for errors would see.
    router.use('/', (_request, response, next) => {
      response.setHeader('X-Passed-On', 'yes');
      next();
    });
    const server = createServer(router);
    afterwards(() => server.closeAllConnections());
    return `http://${await listening(server)}`;
  }

  it.each([
    ['/app', '/app /app  /app'],
    ['/app/', '/app/ /app / /app/'],
    ['/app/a%20b?c=1', '/app/a%20b /app /a b /app/a%20b?c=1'],
    ['/app?c=1', '/app /app  /app?c=1'],
  ])('should find its mount in %s', async (path, text) => {
    const url = await mounted(scgiGateway(await serve(target)));
    const reply = await call(url, { target: path });
    expect(reply).toMatchObject({ status: 200, complete: true, text });
    expect(reply.headers['set-cookie']).toEqual(['a=1', 'b=2']);
  });

  it('should leave other paths to the router', async () => {
    const url = await mounted(scgiGateway('127.0.0.1:1'));
    expect(await call(`${url}/other`)).toMatchObject({ status: 404, headers: { 'x-passed-on': 'yes' } });
    // The router compares the path as it came, and the application is not to be reached by what it is not.
    const reply = await call(url, { target: '/app/%2e%2e/other' });
    expect(reply.status).toBe(404);
  });

  it('should stream both ways', async () => {
    const url = await mounted(scgiGateway(await serve(({ body }) => of({ body }))));
    expect(await call(`${url}/app`, { upload: 5_000_000 })).toMatchObject(wholePattern(5_000_000));
  });

  it('should answer an error itself, as the page of the router would show its cause', async () => {
    const gateway = scgiGateway('127.0.0.1:1');
    const log = new Log(gateway.events);
    const reply = await call(`${await mounted(gateway)}/app`);
    expect(reply).toMatchObject({ status: 502, text: 'Bad Gateway\n' });
    expect(reply.headers).not.toHaveProperty('x-passed-on');
    expect(log.values[0]).toMatchObject({ type: 'failure', error: { code: 'ERR_SCGI_CONNECT_FAILED' } });
  });
});
