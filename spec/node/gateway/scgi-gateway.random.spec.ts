/** Clients and applications that do anything at any time: each request is over at last, and gives its place back. */
import { createServer } from 'node:http';
import { createServer as createNetServer, type Socket } from 'node:net';
import * as fc from 'fast-check';
import { isScgiError } from '../../../lib/index.js';
import { scgiGateway, type GatewayEvent } from '../../../lib/node/index.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { call } from '../../helpers/peers/clients/http-client.js';
import { TestGateway, afterwards, cleanUpSockets, listening } from '../../helpers/sockets/sockets.js';

cleanUpSockets();
expectNoProcessFaults();

const LARGE = 'x'.repeat(200_000);

const REQUESTS: readonly string[] = [
  'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET / HTTP/1.0\r\n\r\n',
  'HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody',
  `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${LARGE.length}\r\n\r\n${LARGE}`,
  'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n4\r\nbody\r\n0\r\n\r\n',
  `GET /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody`,
  'GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n',
];
const ANSWERS: readonly string[] = [
  'Content-Length: 4\n\nbody',
  'X: 1\n\nbody',
  `X: 1\n\n${LARGE}`,
  'Location: /elsewhere\n\n',
  'Status: 204\n\n',
  'no head',
  'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort',
  '',
];

/** What one of the two sides does: sends so much of its text, and then one of these. */
interface Part {
  /** Which of the texts. */
  readonly text: number;
  readonly share: number;
  readonly then: 'wait' | 'end' | 'reset' | 'destroy';
}

const partOf = (texts: readonly string[]) =>
  fc.record<Part>({
    text: fc.nat(texts.length - 1),
    // Often all of it.
    share: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
    then: fc.constantFrom('wait', 'end', 'reset', 'destroy'),
  });

function play(socket: Socket, texts: readonly string[], { text: index, share, then }: Part): void {
  const text = texts[index] as string;
  socket.on('error', () => undefined);
  socket.write(text.slice(0, Math.ceil(text.length * share)), 'latin1', () => {
    if (then === 'end') socket.end();
    if (then === 'reset') socket.resetAndDestroy();
    if (then === 'destroy') socket.destroy();
  });
}

describe('scgiGateway', () => {
  it('should give each place back, whatever clients and the application do', async () => {
    let answers: readonly Part[] = [];
    let next = 0;
    const application = createNetServer({ allowHalfOpen: true }, (socket) => {
      afterwards(() => socket.destroy());
      socket.once('data', () => {
        const answer = answers[next++ % answers.length];
        if (answer) play(socket, ANSWERS, answer);
        else socket.end('Content-Length: 4\n\nlive');
      });
      socket.on('error', () => undefined);
    });
    // Whoever waits for ever is ended by these.
    const times = { headersTimeoutMs: 50, bodyTimeoutMs: 50, sendTimeoutMs: 50 };
    const gateway = scgiGateway(await listening(application), {
      ...times,
      maxConnections: 2,
      maxWaiting: 20,
    });
    const events: GatewayEvent[] = [];
    gateway.events.subscribe((event) => events.push(event));
    let requests = 0;
    const server = createServer((request, response) => {
      requests++;
      gateway(request, response);
    });
    afterwards(() => server.closeAllConnections());
    const host = await listening(server);
    const over = () => events.filter(({ type }) => type === 'response').length;
    const exchanges = fc.record({
      clients: fc.array(partOf(REQUESTS), { minLength: 1, maxLength: 6 }),
      answers: fc.array(partOf(ANSWERS), { minLength: 1, maxLength: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(exchanges, async (exchange) => {
        ({ answers } = exchange);
        const clients = await Promise.all(exchange.clients.map(() => TestGateway.connect(host)));
        clients.forEach(({ socket }, index) => play(socket, REQUESTS, exchange.clients[index]!));
        await Promise.race([...clients.map((client) => client.ending()), tick(20)]);
        for (const { socket } of clients) socket.destroy();
        answers = [];
        // Both places are free again. On a busy machine, 50 ms may be over before an answer is read.
        const live = async (): Promise<unknown> =>
          (await call(`http://${host}/`)).text === 'live' ? undefined : live();
        await Promise.all([1, 2, 3].map(live));
      }),
      { numRuns: 50 },
    );
    expect(over()).toBeLessThanOrEqual(requests);
    const faults = events.flatMap((event) => (event.type === 'failure' ? [event.error] : []));
    expect(faults.filter((fault) => !isScgiError(fault))).toEqual([]);
  });
});

const tick = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
