/** Memory while the other side is slow: gateways that read little of a response, and applications that take little of a body. */
import { BARE, OURS } from '../helpers/peers.mjs';

export const title = 'memory while the other side is slow';

const ROUNDS = 9;
const CONNECTIONS = 64;
const MIB = 2 ** 20;
/** More than any side takes in the time. */
const BODY_BYTES = 2 ** 30;
const EVERY_MS = 10;
/** Long enough for every buffer to fill. */
const FOR_SECONDS = 3;

const HTTP = 'node:http';
const CLIENT = new URL('../load/transfer-client.mjs', import.meta.url);
const SIDES = {
  [OURS]: { file: '../peers/ours/rxscgi.mjs', protocol: 'scgi' },
  [BARE]: { file: '../peers/by-hand/bare.mjs', protocol: 'scgi' },
  [HTTP]: { file: '../peers/http.mjs', protocol: 'http' },
};
const LOAD = { connections: CONNECTIONS, forSeconds: FOR_SECONDS };
const CASES = {
  [`${CONNECTIONS} gateways take 64 kB every ${EVERY_MS} ms`]: {
    args: ['download', BODY_BYTES],
    command: 'takeSlowly',
    load: { ...LOAD, everyMs: EVERY_MS },
  },
  [`${CONNECTIONS} applications take a chunk every ${EVERY_MS} ms`]: {
    args: ['slow-upload', EVERY_MS],
    command: 'sendMuch',
    load: { ...LOAD, bytes: BODY_BYTES },
  },
};

export async function run(scope) {
  for (const [what, { args, command, load }] of Object.entries(CASES)) {
    if (!scope.begins(what)) continue;
    const measures = Object.entries(SIDES).map(([name, side]) => [name, () => once(side)]);
    const { peak, moved } = await scope.rounds(Object.fromEntries(measures), { rounds: ROUNDS, warmUps: 0 });
    const key = { benchmark: scope.name, what };
    const comparisons = [
      [OURS, '÷', BARE],
      [OURS, '÷', HTTP],
    ];
    scope.report.add({ ...key, metric: 'peak RSS, MiB' }, peak, comparisons);
    scope.report.add({ ...key, metric: 'MiB moved' }, moved, comparisons);

    async function once({ file, protocol }) {
      const program = await scope.start(new URL(file, import.meta.url), [scope.address('tcp'), ...args]);
      const client = await scope.start(CLIENT, []);
      const bytes = await client.ask(command, { address: program.address, protocol, ...load });
      const peakRss = await program.ask('peakRss');
      await client.stop();
      await program.stop();
      return { peak: peakRss / MIB, moved: bytes / MIB };
    }
  }
}
