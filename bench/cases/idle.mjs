/** Memory for an idle connection, with all timeouts running. */
import { setTimeout as delay } from 'node:timers/promises';
import { BARE, OURS } from '../helpers/peers.mjs';

export const title = 'memory for an idle connection';

const ROUNDS = 9;
const CONNECTIONS = 2000;
/**
 * Opened before the measurement: they fill the memory that a process has free after its start. A larger program has more of it, and
 * would look smaller than it is.
 */
const FIRST_CONNECTIONS = 2000;
/** Time for the system to deliver what has been sent. */
const SETTLE_MS = 200;

/** The share of a request that each connection has sent. */
const STATES = { 'nothing sent yet': 0, 'half of a head sent': 0.5 };
const HTTP = 'node:http';
const CLIENT = new URL('../load/scgi-client.mjs', import.meta.url);
const SIDES = {
  [OURS]: { file: '../peers/ours/rxscgi.mjs', protocol: 'scgi' },
  [BARE]: { file: '../peers/by-hand/bare.mjs', protocol: 'scgi' },
  [HTTP]: { file: '../peers/http.mjs', protocol: 'http' },
};

export async function run(scope) {
  for (const [state, share] of Object.entries(STATES)) {
    const what = `${CONNECTIONS} connections, ${state}`;
    if (!scope.begins(what)) continue;
    const measures = Object.entries(SIDES).map(([name, side]) => [name, () => once(side, share)]);
    const { rss, heap } = await scope.rounds(Object.fromEntries(measures), { rounds: ROUNDS, warmUps: 0 });
    const comparisons = [
      [OURS, '÷', HTTP, { atMost: 1 }],
      [OURS, '÷', BARE],
    ];
    scope.report.add({ benchmark: scope.name, what, metric: 'heap, kB each' }, heap, comparisons);
    scope.report.add({ benchmark: scope.name, what, metric: 'RSS, kB each' }, rss, comparisons);
  }

  /** Measures in a new process each time, because freed memory is not always returned to the system. */
  async function once({ file, protocol }, share) {
    const server = await scope.start(new URL(file, import.meta.url), [scope.address('tcp')]);
    const client = await scope.start(CLIENT, []);
    const { address } = server;
    const pipes = await server.ask('sockets');
    const before = await memoryWith(FIRST_CONNECTIONS);
    const after = await memoryWith(FIRST_CONNECTIONS + CONNECTIONS);
    await client.stop();
    await server.stop();
    return {
      rss: (after.rss - before.rss) / CONNECTIONS / 1000,
      heap: (after.heapUsed - before.heapUsed) / CONNECTIONS / 1000,
    };

    async function memoryWith(connections) {
      await client.ask('hold', { address, protocol, share, connections });
      await server.ask('awaitSockets', pipes + connections);
      await delay(SETTLE_MS);
      return server.ask('memory');
    }
  }
}
