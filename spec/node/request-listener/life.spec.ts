/** The end of a listener's exchange: gateways that leave, errors, timeouts, and what is left behind. */
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { of, type Observable, type Observer } from 'rxjs';
import { MetaVariables, createFlow, type ScgiRequest, type ScgiResponse } from '../../../lib/index.js';
import { fromRequestListener } from '../../../lib/node/index.js';
import { deferred } from '../../helpers/deferred.js';
import { answerOf, eventsOf, openExchange } from '../../helpers/sockets/listener-server.js';
import { cleanUpSockets } from '../../helpers/sockets/sockets.js';
import { TestServer, letOthersGoOn } from '../../helpers/sockets/test-server.js';

cleanUpSockets();

const POST = { method: 'POST', variables: { CONTENT_LENGTH: '100' }, body: 'x'.repeat(100) };

/** The first `bytes` bytes of an upload of 10 MB. */
const UPLOAD = { method: 'POST', variables: { CONTENT_LENGTH: '10000000' } };

describe('a gateway that leaves', () => {
  it('should close a request and a response that has not begun', async () => {
    const { gateway, request, response } = await openExchange();
    const closed = eventsOf([request, 'close'], [response, 'close']);
    gateway.socket.resetAndDestroy();
    await closed;
    expect(response.writableFinished).toBe(false);
    expect(request.socket.destroyed).toBe(true);
  });

  it('should close a response that has begun', async () => {
    const { gateway, response } = await openExchange();
    response.write('begun');
    await gateway.received((text) => text.endsWith('begun'));
    const closed = once(response, 'close');
    gateway.socket.resetAndDestroy();
    await closed;
    expect(response.writableFinished).toBe(false);
    // Into the void, as on any socket that is gone.
    expect(response.write('more')).toBe(false);
  });

  it('should abort a request that is under way', async () => {
    const { gateway, request, response, errors } = await openExchange(UPLOAD);
    const aborted = eventsOf([request, 'aborted'], [response, 'close']);
    const failed = once(request, 'error').then(([error]) => error as NodeJS.ErrnoException);
    request.resume();
    gateway.socket.resetAndDestroy();
    await aborted;
    expect((await failed).code).toBe('ECONNRESET');
    expect(request.complete).toBe(false);
    expect(errors).toMatchObject([{ code: 'ERR_SCGI_GATEWAY_GONE' }]);
  });

  it('should not be told of after the response', async () => {
    const { gateway, request, response } = await openExchange(POST);
    const seen: string[] = [];
    request.on('aborted', () => seen.push('aborted')).on('close', () => seen.push('request closed'));
    response.on('finish', () => seen.push('finished')).on('close', () => seen.push('response closed'));
    const closed = eventsOf([request, 'close'], [response, 'close']);
    response.end('done');
    await gateway.response();
    gateway.socket.resetAndDestroy();
    await closed;
    expect(seen.sort()).toEqual(['finished', 'request closed', 'response closed']);
    expect(request.complete).toBe(true);
  });
});

describe('a response of known length', () => {
  it('should finish when the end is called after its last byte', async () => {
    const { gateway, response } = await openExchange();
    response.writeHead(200, { 'Content-Length': '4' }).write('text');
    expect(await gateway.response()).toMatch(/\r\n\r\ntext$/);
    const finished = once(response, 'finish');
    response.end();
    await finished;
  });

  it('should finish in a pipeline', async () => {
    const piped = deferred<unknown>();
    const { text } = await answerOf((_request, response) => {
      response.setHeader('Content-Length', 200_000);
      const source = Readable.from(['x'.repeat(100_000), 'x'.repeat(100_000)], { objectMode: false });
      pipeline(source, response).then(() => piped.resolve('done'), piped.resolve);
    });
    expect(text).toHaveLength(200_000);
    expect(await piped.promise).toBe('done');
  });

  it('should be closed when the end is never called', async () => {
    const { gateway, response } = await openExchange();
    response.writeHead(200, { 'Content-Length': '4' }).write('text');
    await gateway.response();
    await once(response, 'close');
    expect(response.writableFinished).toBe(false);
  });
});

describe('an upload to a listener', () => {
  it('should wait while nobody reads it, and come whole when somebody does', async () => {
    const { gateway, request, response, server } = await openExchange(UPLOAD);
    const chunk = Buffer.alloc(1_000_000, 'x');
    for (let count = 0; count < 10; count++) gateway.write(chunk);
    const { scgiRequest } = request.socket as unknown as { scgiRequest: ScgiRequest };
    const paused = scgiRequest.flow!.inputPaused;
    await new Promise<void>((resolve) => {
      paused.subscribe((isPaused) => isPaused && resolve());
    });
    await letOthersGoOn(server);
    expect(paused.value).toBe(true);
    expect(gateway.bytesSent).toBeLessThan(10_000_000);
    let bytes = 0;
    request.on('data', (data: Buffer) => (bytes += data.length));
    await once(request, 'end');
    expect(bytes).toBe(10_000_000);
    response.end('done');
    expect(await gateway.response()).toMatch(/done$/);
  });
});

describe('an error of a listener', () => {
  const secret = new Error('secret');

  it.each<[string, RequestListener]>([
    [
      'that throws',
      () => {
        throw secret;
      },
    ],
    ['that rejects', () => Promise.reject(secret)],
    [
      'that rejects after a while',
      async () => {
        await new Promise((resolve) => setImmediate(resolve));
        throw secret;
      },
    ],
    ['that destroys its response with it', (_request, response) => void response.destroy(secret)],
    ['that destroys its request with it', (request) => void request.destroy(secret)],
  ])('should be answered with 500 and told, of one %s', async (_what, listener) => {
    const { head, text, errors } = await answerOf(listener, POST);
    expect(head).toMatch(/^Status: 500 /);
    expect(text).not.toContain('secret');
    expect(errors).toEqual([secret]);
  });

  it('should be answered with its status', async () => {
    const { head } = await answerOf(() => {
      throw Object.assign(new Error('none'), { status: 404 });
    });
    expect(head).toMatch(/^Status: 404 /);
  });

  it.each([undefined, null, 'text', Object.create(null)])(
    'should be %p, if it throws that',
    async (value) => {
      const { head, errors } = await answerOf(() => {
        throw value;
      });
      expect(head).toMatch(/^Status: 500 /);
      expect(errors).toEqual([value]);
    },
  );

  it('should cut a response that has begun', async () => {
    const cut = deferred<undefined>();
    const errors: unknown[] = [];
    const listener = (async (_request, response) => {
      response.write('begun');
      await cut.promise;
      throw secret;
    }) as RequestListener;
    const server = new TestServer(fromRequestListener(listener), { onError: (error) => errors.push(error) });
    const gateway = await server.send();
    await gateway.received((text) => text.endsWith('begun'));
    cut.resolve(undefined);
    expect(await gateway.ending()).toBe('ECONNRESET');
    expect(errors).toEqual([secret]);
  });

  it('should be printed after the response, which stays as it is', async () => {
    const printed = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      const { text, errors } = await answerOf(async (_request, response) => {
        response.end('done');
        throw secret;
      });
      expect(text).toBe('done');
      expect(errors).toEqual([]);
      expect(printed.mock.calls.join()).toContain('secret');
    } finally {
      printed.mockRestore();
    }
  });
});

it('should bound a listener that never answers by handlerTimeoutMs', async () => {
  const closed = deferred<unknown>();
  const { head, errors } = await answerOf(
    (_request, response) => void response.on('close', () => closed.resolve(response.writableFinished)),
    {},
    { handlerTimeoutMs: 20 },
  );
  expect(head).toMatch(/^Status: 503 /);
  expect(errors).toMatchObject([{ code: 'ERR_SCGI_HANDLER_TIMEOUT' }]);
  expect(await closed.promise).toBe(false);
});

describe('the timeout of a socket', () => {
  it('should end an exchange without progress, as in Node.js', async () => {
    const { head, errors } = await answerOf((request) => void request.setTimeout(10));
    expect(head).toMatch(/^Status: 502 /);
    expect(errors).toMatchObject([{ code: 'ERR_SCGI_EMPTY_RESPONSE' }]);
  });

  it('should be an event of the response', async () => {
    const { text } = await answerOf((_request, response) => {
      response.setTimeout(10, () => response.end('timed out'));
    });
    expect(text).toBe('timed out');
  });

  it('should never come when it is taken back', async () => {
    const listener = jest.fn();
    const { gateway, request, response, server } = await openExchange();
    request.socket.setTimeout(1, listener);
    request.socket.setTimeout(0, listener);
    await letOthersGoOn(server);
    response.end('x');
    await gateway.response();
    expect(listener).not.toHaveBeenCalled();
  });
});

describe('a handler from a listener', () => {
  /** A request that nothing else works on. */
  const requestWith = (contentLength: number): ScgiRequest =>
    ({
      ...{ method: 'POST', path: '/', query: '', url: new URL('http://localhost/'), contentLength },
      ...{ variables: MetaVariables.from([]), remoteAddress: undefined, flow: createFlow() },
      body: of(new Uint8Array(contentLength)),
    }) as unknown as ScgiRequest;

  const subscribe = (listener: RequestListener, observer: Partial<Observer<ScgiResponse>>) =>
    (fromRequestListener(listener)(requestWith(0)) as Observable<ScgiResponse>).subscribe(observer);

  it('should not call the listener when it is unsubscribed at once', async () => {
    const listener = jest.fn();
    subscribe(listener, {}).unsubscribe();
    await new Promise((resolve) => setImmediate(resolve));
    expect(listener).not.toHaveBeenCalled();
  });

  it('should be cold, and emit nothing after it is unsubscribed', async () => {
    const called = deferred<Parameters<RequestListener>>();
    const next = jest.fn();
    const subscription = subscribe((...sides) => called.resolve(sides), { next });
    const [request, response] = await called.promise;
    const closed = eventsOf([response, 'close']);
    subscription.unsubscribe();
    response.end('late');
    await closed;
    expect(request.socket.destroyed).toBe(true);
    expect(next).not.toHaveBeenCalled();
  });

  it('should leave a whole response as it is when it is unsubscribed by that', async () => {
    const finished = deferred<unknown>();
    const next = jest.fn(() => subscription.unsubscribe());
    const subscription = subscribe(
      (_request, response) => void response.end('x').on('finish', () => finished.resolve(response.socket)),
      { next },
    );
    await finished.promise;
    expect(next).toHaveBeenCalledTimes(1);
  });
});
