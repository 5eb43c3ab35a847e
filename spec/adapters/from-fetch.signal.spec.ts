/** The signal of the `Request` that a fetch application gets. */
import { once } from 'node:events';
import { fromFetch, isScgiError, type FetchHandler } from '../../lib/index.js';
import { deferred } from '../helpers/deferred.js';
import { cleanUpSockets } from '../helpers/sockets/sockets.js';
import { TestServer } from '../helpers/sockets/test-server.js';

cleanUpSockets();

describe('the signal of a fetch application', () => {
  it('should be aborted when the gateway leaves', async () => {
    const { promise: called, resolve: call } = deferred<Request>();
    const app: FetchHandler = async (request) => {
      call(request);
      await once(request.signal, 'abort');
      return new Response();
    };
    const server = new TestServer(fromFetch(app));
    const gateway = await server.send();
    const { signal } = await called;
    expect(signal.aborted).toBe(false);
    const aborted = once(signal, 'abort');
    gateway.socket.resetAndDestroy();
    await aborted;
    expect(isScgiError(signal.reason)).toBe(true);
  });

  it('should be aborted when the exchange is over', async () => {
    let signal: AbortSignal | undefined;
    const server = new TestServer(
      fromFetch((request) => {
        ({ signal } = request);
        return new Response('done');
      }),
    );
    expect(await server.exchange()).toBe('200 done');
    if (!signal!.aborted) await once(signal!, 'abort');
    expect(signal!.aborted).toBe(true);
  });
});
