/** Timeouts of a process that was busy: what came meanwhile is read before anybody is blamed. */
import { concatMap, from } from 'rxjs';
import { expectNoProcessFaults } from '../helpers/faults/process-faults.js';
import { answering, call, raw } from '../helpers/sockets/outgoing/call-application.js';
import { TRANSPORTS, cleanUpSockets } from '../helpers/sockets/sockets.js';
import { TestServer } from '../helpers/sockets/test-server.js';
import { requestBytes } from '../../lib/testing/index.js';

expectNoProcessFaults();
cleanUpSockets();

/** Blocks the event loop, as a handler that computes does. */
function compute(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe('a process that was busy for longer than a timeout', () => {
  it('should not blame the gateway when the rest of the body has come meanwhile', async () => {
    const server = new TestServer((request) => from(request.text()).pipe(concatMap((body) => [{ body }])), {
      bodyTimeoutMs: 50,
    });
    const bytes = requestBytes({ body: 'all of it' });
    const gateway = await server.send(bytes.subarray(0, -2));
    await server.event('request');
    gateway.write(bytes.subarray(-2));
    compute(200);
    expect(await gateway.response()).toMatch(/all of it$/);
  });

  it.each(TRANSPORTS)(
    'should not blame an application that has answered meanwhile, over %s',
    async (transport) => {
      const answer = answering((socket) => {
        socket.end('Status: 200 OK\r\n\r\nin time');
        compute(200);
      });
      expect(await call(await raw(answer, transport), { headersTimeoutMs: 50 })).toBe('in time');
    },
  );
});
