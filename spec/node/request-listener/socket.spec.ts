/** What applications know of the socket of their request. */
import { once } from 'node:events';
import { concatMap } from 'rxjs';
import { fromRequestListener } from '../../../lib/node/index.js';
import { answerOf, openExchange } from '../../helpers/sockets/listener-server.js';
import { cleanUpSockets } from '../../helpers/sockets/sockets.js';
import { TestServer } from '../../helpers/sockets/test-server.js';

cleanUpSockets();

/** Properties of the request's socket. */
async function socketOf(variables: Record<string, string>): Promise<Record<string, unknown>> {
  let socket: Record<string, unknown> = {};
  await answerOf(
    (request, response) => {
      const { remoteAddress, remotePort, remoteFamily, localAddress, localPort, localFamily } =
        request.socket;
      const { encrypted } = request.socket as { encrypted?: boolean };
      const address = request.socket.address();
      socket = {
        remoteAddress,
        remotePort,
        remoteFamily,
        localAddress,
        localPort,
        localFamily,
        encrypted,
        address,
      };
      response.end();
    },
    { variables },
  );
  return socket;
}

describe('the socket of a listener', () => {
  it('should be that of the client', async () => {
    const variables = {
      ...{ REMOTE_ADDR: '2001:db8::1', REMOTE_PORT: '50000', SERVER_ADDR: '192.0.2.1', SERVER_PORT: '443' },
      HTTPS: 'on',
    };
    expect(await socketOf(variables)).toEqual({
      ...{ remoteAddress: '2001:db8::1', remotePort: 50_000, remoteFamily: 'IPv6' },
      ...{ localAddress: '192.0.2.1', localPort: 443, localFamily: 'IPv4', encrypted: true },
      address: { address: '192.0.2.1', port: 443, family: 'IPv4' },
    });
  });

  it('should be that of nobody for a client on a Unix socket', async () => {
    expect(await socketOf({ REMOTE_ADDR: 'unix:', REMOTE_PORT: 'x', HTTPS: 'off' })).toEqual({
      encrypted: false,
      address: {},
    });
  });

  it('should have the SCGI request', async () => {
    const { text } = await answerOf(
      (request, response) => {
        const { scgiRequest } = request.socket as unknown as {
          scgiRequest: { variables: Map<string, string> };
        };
        response.end(scgiRequest.variables.get('DOCUMENT_ROOT'));
      },
      { variables: { DOCUMENT_ROOT: '/srv/www' } },
    );
    expect(text).toBe('/srv/www');
  });

  it('should have the methods that applications call on sockets', async () => {
    const { text } = await answerOf(({ socket }, response) => {
      socket.setNoDelay(true).setKeepAlive(true).ref().unref().setTimeout(0);
      response.end('done');
    });
    expect(text).toBe('done');
  });

  it('should count the bytes of both directions, as HTTP', async () => {
    const { gateway, request, response } = await openExchange({ method: 'POST', body: 'x'.repeat(1000) });
    const { socket } = request;
    request.resume();
    await once(request, 'end');
    expect(socket.bytesRead).toBeGreaterThan(1000);
    response.end('y'.repeat(500));
    await gateway.response();
    expect(socket.bytesWritten).toBeGreaterThan(500);
  });

  it('should have the states of a connection', async () => {
    const { gateway, request, response } = await openExchange();
    const { socket } = request;
    expect(socket).toMatchObject({
      connecting: false,
      pending: false,
      readyState: 'open',
      timeout: undefined,
    });
    response.end();
    await gateway.response();
    if (!socket.destroyed) await once(socket, 'close');
    expect(socket.readyState).toBe('closed');
  });

  it('should cut a response by resetAndDestroy', async () => {
    const { gateway, request, response } = await openExchange();
    response.write('begun');
    await gateway.received((text) => text.endsWith('begun'));
    expect(request.socket.resetAndDestroy()).toBe(request.socket);
    expect(await gateway.ending()).toBe('ECONNRESET');
  });
});

describe('the time without progress of a socket', () => {
  it('should begin anew with each write', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      const { request, response } = await openExchange();
      const timedOut = jest.fn();
      request.socket.setTimeout(100, timedOut);
      for (let count = 0; count < 3; count++) {
        jest.advanceTimersByTime(90);
        await new Promise<unknown>((resolve) => response.write('more', resolve));
      }
      expect(timedOut).not.toHaveBeenCalled();
      jest.advanceTimersByTime(101);
      expect(timedOut).toHaveBeenCalledTimes(1);
      response.end();
    } finally {
      jest.useRealTimers();
    }
  });

  it('should be bounded, and not end sooner than it says', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      const { request, response } = await openExchange();
      const timedOut = jest.fn();
      // A timer of more than 31 bits would end at once.
      request.socket.setTimeout(2 ** 40, timedOut);
      expect(request.socket.timeout).toBe(2 ** 40);
      jest.advanceTimersByTime(1_000_000);
      expect(timedOut).not.toHaveBeenCalled();
      response.end();
    } finally {
      jest.useRealTimers();
    }
  });

  it('should not begin after the end of the socket', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      const { request, response } = await openExchange();
      const timedOut = jest.fn();
      response.destroy();
      expect(request.socket.setTimeout(10, timedOut)).toBe(request.socket);
      jest.advanceTimersByTime(11);
      expect(timedOut).not.toHaveBeenCalled();
    } finally {
      jest.useRealTimers();
    }
  });

  it.each([
    [-1, RangeError],
    [NaN, RangeError],
    [Infinity, RangeError],
    ['10', TypeError],
    [undefined, TypeError],
  ])('should not be %p', async (ms, expected) => {
    const { gateway, request, response } = await openExchange();
    expect(() => request.setTimeout(ms as number)).toThrow(expected);
    response.end();
    await gateway.response();
  });
});

it('should fail an exchange whose body somebody else has read', async () => {
  const handler = fromRequestListener((request, response) => void request.pipe(response));
  const errors: unknown[] = [];
  const server = new TestServer((request) => request.bytes().pipe(concatMap(() => handler(request))), {
    onError: (error) => errors.push(error),
  });
  expect(await server.exchange({ method: 'POST', body: 'x' })).toMatch(/^500 /);
  expect(errors).toMatchObject([{ code: 'ERR_SCGI_BODY_USED' }]);
});
