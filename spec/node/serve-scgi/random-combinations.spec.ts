/** Handlers that do everything wrong, and gateways that do: nothing of it reaches the process. */
import fc from 'fast-check';
import { setImmediate } from 'node:timers/promises';
import type { AnyScgiHandler, ScgiHandler, ScgiRequest } from '../../../lib/index.js';
import { requestBytes } from '../../../lib/testing/index.js';
import { ODD_HANDLERS } from '../../helpers/faults/odd-handlers.js';
import { ProcessFaults } from '../../helpers/faults/process-faults.js';
import {
  TRANSPORTS,
  TestGateway,
  afterwards,
  cleanUpSockets,
  temporaryFolder,
  type Transport,
} from '../../helpers/sockets/sockets.js';
import { TestServer } from '../../helpers/sockets/test-server.js';
import { thrownValue } from '../../helpers/faults/thrown-values.js';

cleanUpSockets();

const COMBINATIONS = 200;
const AT_ONCE = 10;
const MAX_RESPONSE_BYTES = 2_000_000;
const GIVE_UP_MS = 200;
const TIMEOUTS = {
  headersTimeoutMs: 50,
  bodyTimeoutMs: 50,
  handlerTimeoutMs: 50,
  sendTimeoutMs: 50,
  lingerMs: 50,
  // Over TCP, nothing tells that a gateway which has half-closed before has left a response that hangs.
  drainTimeoutMs: 200,
};

/** How a gateway sends its request, and what it does then. */
interface Peer {
  readonly transport: Transport;
  readonly bodyBytes: number;
  /** Which part of the request it sends, 1 for all of it. */
  readonly part: number;
  readonly pieces: number;
  readonly garbage: 'none' | 'before' | 'after';
  /** Turns of the event loop that it does nothing after each piece. */
  readonly turns: number;
  readonly reads: boolean;
  readonly then: 'wait' | 'end' | 'destroy' | 'reset';
}

const peer: fc.Arbitrary<Peer> = fc.record({
  transport: fc.constantFrom(...TRANSPORTS),
  bodyBytes: fc.constantFrom(0, 10, 5000, 300_000),
  part: fc.oneof(
    { weight: 3, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  ),
  pieces: fc.integer({ min: 1, max: 4 }),
  garbage: fc.oneof(
    { weight: 6, arbitrary: fc.constant('none' as const) },
    fc.constantFrom('before' as const, 'after' as const),
  ),
  turns: fc.nat(4),
  reads: fc.boolean(),
  then: fc.constantFrom('wait', 'end', 'destroy', 'reset'),
});

const GARBAGE = Buffer.from('\x16\x03\x01\0\xffgarbage'.repeat(40), 'latin1');

/** Plays the gateway, until its connection is over. */
async function play(
  address: string,
  uri: string,
  { transport, bodyBytes, part, pieces, garbage, turns, reads, then }: Peer,
): Promise<void> {
  const { socket } = await TestGateway.connect(address);
  if (!reads) socket.pause();
  const request = Buffer.from(requestBytes({ method: 'POST', uri, body: Buffer.alloc(bodyBytes, 'body ') }));
  const sent = Buffer.concat([
    ...(garbage === 'before' ? [GARBAGE] : []),
    request.subarray(0, Math.ceil(request.length * part)),
    ...(garbage === 'after' ? [GARBAGE] : []),
  ]);
  const size = Math.ceil(sent.length / pieces);
  for (let start = 0; start < sent.length; start += size) {
    if (socket.writable) socket.write(sent.subarray(start, start + size));
    for (let turn = 0; turn < turns; turn++) await setImmediate();
  }
  if (then === 'end') socket.end();
  if (then === 'destroy') socket.destroy();
  // A Unix socket cannot be reset.
  if (then === 'reset') {
    if (transport === 'TCP') socket.resetAndDestroy();
    else socket.destroy();
  }
  if (!socket.closed) {
    // A server that is done sends FIN; responses without an end, and those that hang, are given up here.
    socket.on('end', () => socket.end()).resume();
    socket.on('data', () => socket.bytesRead > MAX_RESPONSE_BYTES && socket.destroy());
    socket.setTimeout(GIVE_UP_MS, () => socket.destroy());
    // Not `once`, which a reset makes reject.
    await new Promise((resolve) => socket.on('close', resolve));
  }
}

const combination = fc.record({
  name: fc.constantFrom(...Object.keys(ODD_HANDLERS)),
  make: thrownValue,
  peer,
});

describe('serveScgi with random handlers and gateways', () => {
  it('should let nothing reach the process in 200 combinations, and continue to serve', async () => {
    const faults = new ProcessFaults();
    faults.start();
    afterwards(() => faults.stop());
    let handlers: AnyScgiHandler[] = [];
    const path = `unix:${temporaryFolder()}/socket`;
    const handler = (request: ScgiRequest): unknown => handlers[Number(request.path.slice(1))]?.(request);
    const server = new TestServer(handler as ScgiHandler, {
      ...TIMEOUTS,
      onError: () => undefined,
      listen: ['127.0.0.1:0', path],
    });
    const { address } = await server.event('listening');

    await fc.assert(
      fc.asyncProperty(fc.array(combination, { minLength: AT_ONCE, maxLength: AT_ONCE }), async (all) => {
        handlers = all.map(
          ({ name, make }) =>
            (request) =>
              ODD_HANDLERS[name]!(request, make()) as ReturnType<AnyScgiHandler>,
        );
        await Promise.all(
          all.map(({ peer }, index) => play(peer.transport === 'TCP' ? address : path, `/${index}`, peer)),
        );
        expect(await faults.take()).toEqual([]);
      }),
      { numRuns: COMBINATIONS / AT_ONCE },
    );

    // The server goes on, and comes to its end.
    handlers = [() => [{ body: 'fine' }]];
    expect(await server.exchange({ uri: '/0' })).toBe('200 fine');
    server.until.next();
    expect(await server.log.over()).toBe('complete');
    expect(await faults.take()).toEqual([]);
  });
});
