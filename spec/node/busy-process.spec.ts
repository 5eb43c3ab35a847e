/** Timeouts of a process that was busy: what came meanwhile is read before anybody is blamed. */
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { map } from 'rxjs';
import type { ScgiHandler } from '../../lib/index.js';
import { expectNoProcessFaults } from '../helpers/faults/process-faults.js';
import { answering, call, raw } from '../helpers/sockets/outgoing/call-application.js';
import { TRANSPORTS, cleanUpSockets } from '../helpers/sockets/sockets.js';
import { TestServer } from '../helpers/sockets/test-server.js';
import { requestBytes } from '../../lib/testing/index.js';

expectNoProcessFaults();
cleanUpSockets();

const echo: ScgiHandler = (request) => request.text().pipe(map((body) => ({ body })));

/** Blocks the event loop, as a handler that computes does. */
function compute(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe('a process that was busy for longer than a timeout', () => {
  it('should not blame the gateway when the rest of the body has come meanwhile', async () => {
    const server = new TestServer(echo, { bodyTimeoutMs: 50 });
    const bytes = requestBytes({ body: 'all of it' });
    const gateway = await server.send(bytes.subarray(0, -2));
    await server.event('request');
    gateway.write(bytes.subarray(-2));
    compute(200);
    expect(await gateway.response()).toMatch(/all of it$/);
  });

  it('should not blame the gateway when it is busy again and again', async () => {
    const server = new TestServer(echo, { bodyTimeoutMs: 50 });
    const bytes = requestBytes({ body: 'abcdef' });
    const gateway = await server.send(bytes.subarray(0, -6));
    await server.event('request');
    // Behind each tick that is late, and before the check that follows it.
    for (let left = 6; left > 0; left--) {
      gateway.write(bytes.subarray(-left, bytes.length - left + 1));
      compute(70);
      await setImmediate();
      await delay(1);
    }
    expect(await gateway.response()).toMatch(/abcdef$/);
  });

  it('should let an exchange end whose rest has come before drainTimeoutMs was over', async () => {
    const server = new TestServer(echo, { drainTimeoutMs: 50 });
    const bytes = requestBytes({ body: 'all of it' });
    const gateway = await server.send(bytes.subarray(0, -2));
    await server.event('request');
    server.until.next();
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

  it('should not blame an application when the timeout is over near the end of the busy time', async () => {
    const answer = answering((socket) => {
      socket.end('Status: 200 OK\r\n\r\nin time');
      compute(52);
    });
    expect(await call(await raw(answer), { headersTimeoutMs: 50 })).toBe('in time');
  });
});
