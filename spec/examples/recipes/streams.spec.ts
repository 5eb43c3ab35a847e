/** Runs the recipes of docs/recipes/streams.md: server-sent events, a proxy, and a stream of tokens. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { Subject, Subscription, firstValueFrom } from 'rxjs';
import type { AnyScgiHandler, ScgiHandler } from '../../../lib/index.js';
import {
  callHandler,
  requestBytes,
  responseOf,
  scgiScheduler,
  streamHandler,
  textOf,
} from '../../../lib/testing/index.js';
import { recipe } from '../../helpers/docs/recipes.js';
import { Log } from '../../helpers/sockets/log.js';
import { afterwards, cleanUpSockets, listening, type TestGateway } from '../../helpers/sockets/sockets.js';
import { TestServer } from '../../helpers/sockets/test-server.js';

cleanUpSockets();

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** An HTTP server whose answers the test writes, and a recipe in front of it. */
async function startUpstream(name: string, variable: string) {
  const source = new Subject<Call>();
  const log = new Log(source);
  const server = createServer((request, response) => source.next({ request, response }));
  const address = await listening(server);
  afterwards(() => server.closeAllConnections());
  /** Waits for a number of calls. */
  const calls = async (count: number): Promise<Call[]> => {
    await log.value(() => log.values.length >= count);
    return log.values;
  };
  const call = async (index = 0): Promise<Call> => (await calls(index + 1))[index]!;
  const url = `http://${address}`;
  return { url, calls, call, handler: recipe(name, { [variable]: url }) };
}

async function textIn(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

const endOf = ({ response }: Call): Promise<unknown> => once(response, 'close');

describe('examples/recipes/events.mjs', () => {
  const start = () => new TestServer(recipe('events.mjs') as ScgiHandler);
  const post = (server: TestServer, body: string) =>
    server.exchange({ method: 'POST', uri: '/messages', body });

  it('should send a message to everybody who is connected', async () => {
    const server = start();
    const clients = [await server.send({ uri: '/messages' }), await server.send({ uri: '/messages' })];
    for (const client of clients) await client.received((text) => text.includes('retry: 1000\n\n'));
    expect(await post(server, 'Hello,\nall')).toBe('204 ');
    for (const client of clients)
      await client.received((text) => text.endsWith('event: message\nid: 1\ndata: Hello,\ndata: all\n\n'));
  });

  it('should send what a client has missed', async () => {
    const server = start();
    for (const message of ['one', 'two', 'three']) await post(server, message);
    const again = await server.send({ uri: '/messages', headers: { 'Last-Event-ID': '1' } });
    await again.received((text) =>
      text.endsWith('id: 2\ndata: two\n\nevent: message\nid: 3\ndata: three\n\n'),
    );
    const anew = await server.send({ uri: '/messages' });
    await anew.received((text) => text.includes('retry'));
    await post(server, 'four');
    await anew.received((text) => text.endsWith('retry: 1000\n\nevent: message\nid: 4\ndata: four\n\n'));
  });

  it('should keep no more than the latest messages', async () => {
    const handler = recipe('events.mjs');
    for (let count = 0; count < 150; count++)
      await firstValueFrom(callHandler(handler, { method: 'POST', uri: '/messages', body: String(count) }));
    let text = '';
    streamHandler(handler, { uri: '/messages', headers: { 'Last-Event-ID': '0' } })
      .subscribe((part) => (text += 'status' in part ? '' : textOf(part)))
      .unsubscribe();
    expect(text.match(/^id: /gm)).toHaveLength(100);
  });
});

describe('examples/recipes/proxy.mjs', () => {
  const start = async () => {
    const upstream = await startUpstream('proxy.mjs', 'UPSTREAM');
    return { ...upstream, server: new TestServer(upstream.handler as ScgiHandler) };
  };
  const answerTo = async (gateway: TestGateway) =>
    responseOf(Buffer.from(await gateway.response(), 'latin1'));
  const NOWHERE = { UPSTREAM: 'http://127.0.0.1:1' };

  it('should pass on a request, and the response to it', async () => {
    const { server, call } = await start();
    const client = await server.send({
      method: 'POST',
      uri: '/a%20b?c=d',
      body: 'upload',
      headers: { 'X-Own': 'x', TE: 'trailers', Cookie: 'a=b' },
      variables: { REMOTE_ADDR: '192.0.2.1', HTTP_HOST: 'a.example', HTTPS: 'on' },
    });
    const { request, response } = await call();
    expect([request.method, request.url, await textIn(request)]).toEqual(['POST', '/a%20b?c=d', 'upload']);
    expect(request.headers).toMatchObject({
      'x-own': 'x',
      cookie: 'a=b',
      'x-forwarded-for': '192.0.2.1',
      'x-forwarded-host': 'a.example',
      'x-forwarded-proto': 'https',
    });
    expect(request.headers.te).toBeUndefined();
    response.writeHead(418, { 'Set-Cookie': ['a=1', 'b=2'], 'Keep-Alive': 'timeout=5', 'X-Own': 'y' });
    response.end('short and stout');
    const { status, headers, body } = await answerTo(client);
    expect([status, textOf(body), headers.get('x-own')]).toEqual([418, 'short and stout', 'y']);
    expect(headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it('should pass on a redirect, and each chunk when it comes', async () => {
    const { server, call } = await start();
    const client = await server.send({ uri: '/' });
    const { response } = await call();
    response.writeHead(302, { Location: 'https://elsewhere.example/' });
    for (const chunk of ['one', 'two']) {
      response.write(chunk);
      await client.received((text) => text.endsWith(chunk));
    }
    response.end();
    expect((await answerTo(client)).headers.get('location')).toBe('https://elsewhere.example/');
  });

  it('should hand out what fetch has decoded without its encoding', async () => {
    const { server, call } = await start();
    const client = await server.send();
    const zipped = gzipSync('x'.repeat(1000));
    const { response } = await call();
    response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': zipped.length }).end(zipped);
    const { headers, body } = await answerTo(client);
    expect([headers.get('content-encoding'), body.length]).toEqual([null, 1000]);
  });

  /** As many exchanges beside the first one as it needs to send far more, if nobody brakes it. */
  async function askOthers({ server, call }: Awaited<ReturnType<typeof start>>): Promise<void> {
    for (let index = 1; index <= 40; index++) {
      const other = await server.send({ uri: '/other' });
      (await call(index)).response.end('other');
      await other.response();
      other.end();
    }
  }

  it('should brake the upstream while the client does not read, and end it when the client leaves', async () => {
    const site = await start();
    const client = await site.server.send({ uri: '/endless' });
    client.socket.pause();
    const endless = await site.call();
    let sent = 0;
    const chunk = Buffer.alloc(65_536);
    const send = (): void => {
      do sent += chunk.length;
      while (endless.response.write(chunk));
    };
    endless.response.on('drain', send);
    send();
    await askOthers(site);
    expect(sent).toBeLessThan(32 * 1024 * 1024);
    const gone = endOf(endless);
    client.socket.resetAndDestroy();
    await gone;
  });

  it('should brake an upload that the upstream does not read, and end it when the client leaves', async () => {
    const site = await start();
    const variables = { CONTENT_LENGTH: String(1024 ** 3) };
    const client = await site.server.send(requestBytes({ method: 'PUT', uri: '/upload', variables }));
    client.flood();
    const upload = await site.call();
    await askOthers(site);
    expect(client.bytesSent).toBeLessThan(32 * 1024 * 1024);
    // It reads on, and sees the end.
    upload.request.on('error', () => undefined).resume();
    const gone = endOf(upload);
    client.socket.resetAndDestroy();
    await gone;
  });

  it('should abort a request that has no answer yet when the client leaves', async () => {
    const { server, call } = await start();
    const client = await server.send({ uri: '/late' });
    const gone = endOf(await call());
    client.socket.resetAndDestroy();
    await gone;
  });

  it('should answer 504 to a silent upstream, and 502 when there is none', async () => {
    scgiScheduler().run(({ expectObservable }) => {
      const late = streamHandler(recipe('proxy.mjs', NOWHERE), {});
      expectObservable(late).toBe('10s #', undefined, expect.objectContaining({ name: 'TimeoutError' }));
    });
    const none = callHandler(recipe('proxy.mjs', NOWHERE));
    await expect(firstValueFrom(none)).rejects.toMatchObject({ status: 502 });
  });
});

describe('examples/recipes/tokens.mjs', () => {
  const startModel = () => startUpstream('tokens.mjs', 'MODEL');
  const ask = (handler: AnyScgiHandler, body: string) =>
    firstValueFrom(callHandler(handler, { method: 'POST', body }));

  it('should send each token when it comes, and abort the request to the model when the client leaves', async () => {
    const { call, handler } = await startModel();
    const server = new TestServer(handler as ScgiHandler);
    const client = await server.send({ method: 'POST', body: 'a prompt' });
    const model = await call();
    expect(await textIn(model.request)).toBe('a prompt');
    const gone = endOf(model);
    for (const token of ['one', 'two']) {
      model.response.write(token);
      await client.received((received) => received.endsWith(`data: ${token}\n\n`));
    }
    client.socket.resetAndDestroy();
    await gone;
  });

  it('should answer 504 when the first token is late, and 502 when the model fails or says nothing', async () => {
    scgiScheduler().run(({ expectObservable }) => {
      const late = streamHandler(recipe('tokens.mjs'), { method: 'POST', body: 'x' });
      expectObservable(late).toBe('10s #', undefined, expect.objectContaining({ name: 'TimeoutError' }));
    });
    const { calls, handler } = await startModel();
    const results = Promise.allSettled([ask(handler, 'fail'), ask(handler, 'nothing')]);
    for (const { request, response } of await calls(2))
      response.writeHead((await textIn(request)) === 'fail' ? 500 : 200).end();
    expect(await results).toMatchObject([{ reason: { status: 502 } }, { reason: { status: 502 } }]);
  });

  it('should let four go on at once, and the next when one has ended, but none that has left', async () => {
    const { url, call, calls, handler } = await startModel();
    const clients = Array.from({ length: 5 }, (_, index) => ask(handler, String(index)));
    const leaving = callHandler(handler, { method: 'POST', body: 'leaves' }).subscribe();
    const last = ask(handler, 'last');
    leaving.unsubscribe();
    const [first, second] = await calls(4);
    // Would come after a fifth one.
    void fetch(`${url}/probe`).then((response) => response.text());
    expect((await call(4)).request.url).toBe('/probe');
    first!.response.end('done');
    expect(await textIn((await call(5)).request)).toBe('4');
    second!.response.end('done');
    expect(await textIn((await call(6)).request)).toBe('last');
    for (const { response } of await calls(7)) response.end('done');
    await Promise.all([...clients, last]);
  });

  it('should answer 503 when too many wait', async () => {
    const { handler } = await startModel();
    const waiting = new Subscription();
    afterwards(() => waiting.unsubscribe());
    for (let count = 0; count < 104; count++)
      waiting.add(callHandler(handler, { method: 'POST', body: 'x' }).subscribe({ error: () => undefined }));
    await expect(ask(handler, 'one more')).rejects.toMatchObject({ status: 503 });
  });
});
