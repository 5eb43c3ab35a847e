/** Runs two modules of docs/recipes/programs.md: the JSON API and the stream of tokens. spec/interop/recipes.spec.ts runs the upload. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { NEVER, Subject, concat, firstValueFrom } from 'rxjs';
import type { AnyScgiHandler } from '../../lib/index.js';
import {
  callHandler,
  scgiScheduler,
  streamHandler,
  textOf,
  type TestRequest,
} from '../../lib/testing/index.js';
import { RECIPES, recipe } from '../helpers/docs/recipes.js';
import { Log } from '../helpers/sockets/log.js';
import { afterwards, cleanUpSockets } from '../helpers/sockets/sockets.js';
import { TestServer } from '../helpers/sockets/test-server.js';

cleanUpSockets();

it('docs/recipes/programs.md has three modules', () => expect(RECIPES).toHaveLength(3));

describe('docs/recipes/programs.md: a JSON API', () => {
  const handler = recipe(0);
  const call = async (request: TestRequest) => {
    const { status, headers, body } = await firstValueFrom(callHandler(handler, request));
    return { status, cookie: headers.get('set-cookie'), text: textOf(body) };
  };
  const failure = (request: TestRequest) =>
    call(request).then(
      () => undefined,
      (error: unknown) => error as { status: number; expose?: boolean },
    );
  const post = (uri: string, body: unknown, cookie = '') => ({
    method: 'POST',
    uri,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { Cookie: `theme=dark; ${cookie}` },
  });
  const login = async () => {
    const { cookie } = await call(post('/login', { user: 'ada', password: 'swordfish' }));
    expect(cookie).toMatch(/; HttpOnly; SameSite=Lax; /);
    return cookie!.split(';')[0]!;
  };

  it('should keep notes for those who have logged in', async () => {
    const cookie = await login();
    expect(await call(post('/notes', { text: 'žluť' }, cookie))).toMatchObject({ status: 201 });
    const { text } = await call({ uri: '/notes', headers: { Cookie: cookie } });
    expect(JSON.parse(text)).toEqual([{ user: 'ada', text: 'žluť' }]);
  });

  it('should refuse everybody else, also with a cookie of their own making', async () => {
    const [, value = ''] = (await login()).split('=');
    const [user, expires, signature] = value.split('.');
    const forged = [
      `eve.${expires}.${signature}`,
      `ada.9999999999.${signature}`,
      `${user}.${expires}.`,
      '',
      '..',
    ];
    for (const each of forged)
      expect(await failure({ uri: '/notes', headers: { Cookie: `session=${each}` } })).toMatchObject({
        status: 401,
      });
    expect(await failure(post('/login', { user: 'ada', password: 'guess' }))).toMatchObject({ status: 403 });
    expect(await failure(post('/login', { user: '__proto__', password: 'x' }))).toMatchObject({
      status: 403,
    });
  });

  it('should say what is wrong with a body', async () => {
    const cookie = await login();
    for (const body of [null, [], {}, { text: 7 }, { text: '' }, { text: 'x'.repeat(1001) }])
      expect(await failure(post('/notes', body, cookie))).toMatchObject({ status: 422, expose: true });
    expect(await failure(post('/notes', 'not JSON', cookie))).toMatchObject({
      code: 'ERR_SCGI_BODY_JSON',
      status: 400,
    });
    expect(await failure({ uri: '/nowhere' })).toMatchObject({ status: 404 });
  });
});

describe('docs/recipes/programs.md: an upload', () => {
  it('should be refused when it announces more than the limit', async () => {
    const variables = { CONTENT_LENGTH: String(100 * 1024 * 1024 + 1) };
    const call = callHandler(
      recipe(1),
      { method: 'PUT', uri: '/upload?id=c', variables },
      { send: (bytes) => concat([bytes], NEVER) },
    );
    await expect(firstValueFrom(call)).rejects.toMatchObject({ status: 413 });
  });
});

interface ModelCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** A model whose answers the test writes. */
async function startModel() {
  const source = new Subject<ModelCall>();
  const log = new Log(source);
  const server = createServer((request, response) => source.next({ request, response }));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  afterwards(() => {
    server.close();
    server.closeAllConnections();
  });
  /** Waits for a number of calls. */
  const calls = async (count: number): Promise<ModelCall[]> => {
    await log.value(() => log.values.length >= count);
    return log.values;
  };
  return {
    calls,
    handler: recipe(2, { MODEL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }),
  };
}

describe('docs/recipes/programs.md: a stream of tokens', () => {
  it('should send each token when it comes, and abort the request to the model when the client leaves', async () => {
    const { calls, handler } = await startModel();
    const server = new TestServer(handler as never);
    const client = await server.send({ method: 'POST', body: 'a prompt' });
    const { request, response } = (await calls(1))[0]!;
    expect(await text(request)).toBe('a prompt');
    const gone = once(response, 'close');
    for (const token of ['one', 'two']) {
      response.write(token);
      await client.received((received) => received.endsWith(`data: ${token}\n\n`));
    }
    client.socket.destroy();
    await gone;
  });

  it('should answer 504 when the first token is late, and 502 when the model fails', async () => {
    const handler = recipe(2);
    const silent: AnyScgiHandler = handler;
    scgiScheduler().run(({ expectObservable }) => {
      const late = streamHandler(silent, { method: 'POST', body: 'x' });
      expectObservable(late).toBe('10s #', undefined, expect.objectContaining({ name: 'TimeoutError' }));
    });
    const { calls, handler: served } = await startModel();
    const answer = firstValueFrom(callHandler(served, { method: 'POST', body: 'x' }));
    const { response } = (await calls(1))[0]!;
    response.writeHead(500).end();
    await expect(answer).rejects.toMatchObject({ status: 502 });
  });

  it('should let four go on at once, and the next when one has ended', async () => {
    const { calls, handler } = await startModel();
    const clients = Array.from({ length: 5 }, (_, i) =>
      firstValueFrom(callHandler(handler, { method: 'POST', body: String(i) })),
    );
    const first = await calls(4);
    first[0]!.response.end('done');
    await clients[0];
    const [, , , , fifth] = await calls(5);
    expect(await text(fifth!.request)).toBe('4');
    for (const { response } of await calls(5)) response.end('done');
    await Promise.all(clients);
  });
});

async function text(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}
