/** The bodies of fetch applications behind `serveScgi`, both ways. */
import { fromFetch, type FetchHandler } from '../../lib/index.js';
import { responseOf } from '../../lib/testing/index.js';
import { deferred } from '../helpers/deferred.js';
import { cleanUpSockets } from '../helpers/sockets/sockets.js';
import { TestServer } from '../helpers/sockets/test-server.js';

cleanUpSockets();

describe('the body of a fetch application', () => {
  const POST = { method: 'POST', variables: { CONTENT_LENGTH: '10' } };
  const upper = (): TransformStream<Uint8Array, Uint8Array> =>
    new TransformStream({
      transform: (chunk, controller) =>
        controller.enqueue(Buffer.from(Buffer.from(chunk).toString().toUpperCase())),
    });

  it.each<[string, FetchHandler]>([
    ['itself', (request) => new Response(request.body)],
    ['piped', (request) => new Response(request.body!.pipeThrough(upper()))],
    [
      'piped after a while',
      async (request) => {
        await new Promise(setImmediate);
        return new Response(request.body!.pipeThrough(upper()));
      },
    ],
  ])('should go through chunk by chunk: %s', async (_what, app) => {
    const server = new TestServer(fromFetch(app));
    const gateway = await server.send(POST);
    gateway.write('first');
    await gateway.received((text) => /first$/i.test(text));
    gateway.write('other');
    expect(await gateway.response()).toMatch(/firstother$/i);
  });

  it('should not be dropped where the response waits for it', async () => {
    const whenBraked = deferred<undefined>();
    const app = fromFetch(async (request) => {
      await whenBraked.promise;
      return new Response(request.body!.pipeThrough(upper()));
    });
    const server = new TestServer((request) => {
      request.flow!.inputPaused.subscribe((paused) => paused && whenBraked.resolve(undefined));
      return app(request);
    });
    const answer = await server.exchange({ method: 'POST', body: 'a'.repeat(4_000_000) });
    expect(answer === `200 ${'A'.repeat(4_000_000)}`).toBe(true);
  });

  it('should not be dropped where it is locked and the response reads it later than it begins', async () => {
    const app: FetchHandler = (request) => {
      const reader = request.body!.getReader();
      const late = new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            await new Promise(setImmediate);
            const { done, value } = await reader.read();
            if (done) controller.close();
            else controller.enqueue(value);
          },
        },
        { highWaterMark: 0 },
      );
      return new Response(late);
    };
    // More than is held for a body that nobody has taken when the response begins.
    const server = new TestServer(fromFetch(app), { bodyHighWaterMark: 1 });
    const gateway = await server.send({ ...POST, body: 'first' });
    await gateway.received((text) => text.endsWith('\r\n\r\nfirst'));
    gateway.write('other');
    expect(await gateway.response()).toMatch(/firstother$/);
  });

  it('should be dropped when the application answers without it', async () => {
    const server = new TestServer(fromFetch(() => new Response('early')));
    const gateway = await server.send({ method: 'POST', variables: { CONTENT_LENGTH: '100000000' } });
    expect(responseOf(Buffer.from(await gateway.response(), 'latin1')).status).toBe(200);
  });

  it('should brake an upload that is not read, and go on when it is', async () => {
    const { promise: reading, resolve: read } = deferred<undefined>();
    const app = fromFetch(async ({ body }) => {
      await reading;
      let bytes = 0;
      for await (const chunk of body!) bytes += chunk.length;
      return new Response(String(bytes));
    });
    const server = new TestServer((request) => {
      request.flow!.inputPaused.subscribe((paused) => paused && read(undefined));
      return app(request);
    });
    expect(await server.exchange({ method: 'POST', body: new Uint8Array(4_000_000) })).toBe('200 4000000');
  });

  it('should be pulled only as fast as the gateway reads, and cancelled when it leaves', async () => {
    let pulled = 0;
    const { promise: cancelled, resolve: cancel } = deferred<undefined>();
    const { promise: braked, resolve: brake } = deferred<undefined>();
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled++;
        controller.enqueue(new Uint8Array(65_536));
      },
      cancel: () => cancel(undefined),
    });
    const app = fromFetch(() => new Response(endless));
    const server = new TestServer((request) => {
      request.flow!.outputPaused.subscribe((paused) => paused && brake(undefined));
      return app(request);
    });
    const gateway = await server.connect();
    gateway.socket.pause();
    gateway.write('24:CONTENT_LENGTH\x000\x00SCGI\x001\x00,');
    await braked;
    const before = pulled;
    await new Promise(setImmediate);
    expect(pulled - before).toBeLessThan(3);
    gateway.socket.destroy();
    await cancelled;
  });
});
