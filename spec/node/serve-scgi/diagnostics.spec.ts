import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { of, throwError } from 'rxjs';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { afterwards, cleanUpSockets } from '../../helpers/sockets/sockets.js';
import { TestServer } from '../../helpers/sockets/test-server.js';

expectNoProcessFaults();
cleanUpSockets();

describe('the channel rxscgi:request', () => {
  it('should publish the events of requests, as the server emits them', async () => {
    const seen: unknown[] = [];
    const listener = (event: unknown): void => {
      seen.push(event);
    };
    subscribe('rxscgi:request', listener);
    afterwards(() => unsubscribe('rxscgi:request', listener));
    const server = new TestServer(({ path }) =>
      path === '/bad' ? throwError(() => new Error('boom')) : of({}),
    );
    await server.exchange({ uri: '/good' });
    await server.exchange({ uri: '/bad' });
    expect(seen).toEqual(server.log.values.filter(({ type }) => type !== 'listening'));
    expect(seen).toHaveLength(5);
  });
});
