/** Timeouts of a process that was busy: what came meanwhile is read before anybody is blamed. */
import { setImmediate } from 'node:timers/promises';
import { Subject, firstValueFrom, map, mergeMap, of, tap, timeout } from 'rxjs';
import { decodeScgi, encodeScgi, errorAnswer, type ScgiHandler } from '../../lib/index.js';
import { coarseScheduler, listen, usingSocket } from '../../lib/node/index.js';
import { expectNoProcessFaults } from '../helpers/faults/process-faults.js';
import { answering, call, raw } from '../helpers/sockets/outgoing/call-application.js';
import { TRANSPORTS, TestGateway, afterwards, cleanUpSockets } from '../helpers/sockets/sockets.js';
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
    const server = new TestServer(echo, { bodyTimeoutMs: 1000 });
    const bytes = requestBytes({ body: 'abc' });
    const gateway = await server.send(bytes.subarray(0, -3));
    await server.event('request');
    // Busy again when timers have run and what came has been read, before a check that was put off.
    for (let left = 3; left > 0; left--) {
      gateway.write(bytes.subarray(-left, bytes.length - left + 1));
      compute(1200);
      await setImmediate();
      await setImmediate();
    }
    expect(await gateway.response()).toMatch(/abc$/);
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

  it('should not blame the gateway of a pipeline by hand whose timeout has the coarse scheduler', async () => {
    const firstChunk = new Subject<void>();
    const begun = firstValueFrom(firstChunk);
    const bound = new Promise<string>((onListening) => {
      const serving = listen('127.0.0.1:0', { onListening })
        .pipe(
          mergeMap((socket) =>
            usingSocket(socket, (bytes, flow) =>
              bytes.pipe(
                tap(() => firstChunk.next()),
                decodeScgi({ flow }),
                timeout({ first: 1000, scheduler: coarseScheduler }),
                mergeMap(() => of({ body: 'in time' })),
                encodeScgi({ flow, answer: errorAnswer }),
              ),
            ),
          ),
        )
        .subscribe();
      afterwards(() => serving.unsubscribe());
    });
    const gateway = await TestGateway.connect(await bound);
    const bytes = requestBytes();
    gateway.write(bytes.subarray(0, 5));
    await begun;
    gateway.write(bytes.subarray(5));
    compute(1300);
    expect(await gateway.response()).toMatch(/in time$/);
  });

  it.each(TRANSPORTS)(
    'should not blame an application that has answered meanwhile, over %s',
    async (transport) => {
      const answer = answering((socket) => {
        socket.end('Status: 200 OK\r\n\r\nin time');
        compute(1100);
      });
      expect(await call(await raw(answer, transport), { headersTimeoutMs: 900 })).toBe('in time');
    },
  );

  it('should not blame an application when the timeout is over near the end of the busy time', async () => {
    const answer = answering((socket) => {
      socket.end('Status: 200 OK\r\n\r\nin time');
      compute(902);
    });
    expect(await call(await raw(answer), { headersTimeoutMs: 900 })).toBe('in time');
  });
});
