/** `upload` and `download`: 1 GiB, direct and through nginx, its speed and the peak memory. */
import { BARE, BARE_WITH_RXJS, OURS, OURS_ON_BUN } from '../helpers/peers.mjs';
import { Missing, bunPath } from '../shared/missing.mjs';

const BYTES = 2 ** 30;
/** A slice takes seconds here. */
const ROUNDS = 15;
const MIB = 2 ** 20;
/** Beyond a program by hand that has loaded RxJS as well. */
const MAX_EXTRA_MIB = 12;

const CLIENT = new URL('transfer-client.mjs', import.meta.url);
const HTTP = 'node:http';
const BARE_BUN_WITH_RXJS = 'bare Bun.listen, RxJS loaded';
const SIDES = {
  [OURS]: { file: '../peers/ours/rxscgi.mjs', protocol: 'scgi' },
  [BARE]: { file: '../peers/by-hand/bare.mjs', protocol: 'scgi' },
  [BARE_WITH_RXJS]: { file: '../peers/by-hand/bare-with-rxjs.mjs', protocol: 'scgi' },
  [HTTP]: { file: '../peers/http.mjs', protocol: 'http' },
};
const BUN_SIDES = {
  [OURS_ON_BUN]: { file: '../peers/ours/rxscgi.mjs', protocol: 'scgi' },
  [BARE_BUN_WITH_RXJS]: { file: '../peers/by-hand/bare-bun-with-rxjs.mjs', protocol: 'scgi' },
};
const CASES = [
  { what: 'Unix, direct', transport: 'unix', gateway: false },
  { what: 'TCP, direct', transport: 'tcp', gateway: false },
  { what: 'Unix, through nginx, unbuffered', transport: 'unix', gateway: true },
];

/** @param mode - `upload` or `download`, for the peers and the client. */
export async function runTransfers(scope, mode) {
  const client = await scope.start(CLIENT, []);
  const sides = { ...SIDES, ...bunSides(scope) };
  for (const { what, transport, gateway } of CASES) {
    if (!scope.begins(what)) continue;
    const measures = Object.entries(sides).map(([name, side]) => [
      name,
      () => once({ ...side, profile: scope.profileName(transport, gateway ? 'nginx' : 'direct', name) }),
    ]);
    const { rate, cpu, peak } = await scope.rounds(Object.fromEntries(measures), {
      rounds: ROUNDS,
      warmUps: 0,
    });
    const key = { benchmark: scope.name, what };
    const compare = (sign, others, bound) => [
      ...others.map((other) => [OURS, sign, other, other === HTTP ? undefined : bound]),
      [OURS_ON_BUN, sign, BARE_BUN_WITH_RXJS, bound],
    ];
    scope.report.add({ ...key, metric: 'MiB/s' }, rate, compare('÷', [BARE, HTTP], { atLeast: 0.95 }));
    scope.report.add({ ...key, metric: 'ms CPU' }, cpu, compare('÷', [BARE, HTTP]));
    scope.report.add(
      { ...key, metric: 'peak RSS, MiB' },
      peak,
      compare('−', [BARE_WITH_RXJS, HTTP], { atMost: MAX_EXTRA_MIB }),
    );

    /** Measures in a new process each time, so that the peak is of this transfer. */
    async function once({ file, protocol, runtime, profile }) {
      const url = new URL(file, import.meta.url);
      const program = await scope.start(url, [scope.address(transport), mode, BYTES], { profile, runtime });
      const route = gateway
        ? await throughNginx(scope, program, protocol)
        : { address: program.address, protocol };
      // Once before the measurement, so that the code is compiled.
      await client.ask(mode, { ...route, bytes: BYTES });
      const before = await program.ask('cpu');
      const seconds = await client.ask(mode, { ...route, bytes: BYTES });
      const cpu = (await program.ask('cpu')) - before;
      const peakRss = await program.ask('peakRss');
      await route.stop?.();
      await program.stop();
      return { rate: BYTES / MIB / seconds, cpu: cpu / 1000, peak: peakRss / MIB };
    }
  }
}

/** The sides on Bun, where it is installed. */
function bunSides(scope) {
  try {
    const runtime = bunPath();
    return Object.fromEntries(Object.entries(BUN_SIDES).map(([name, side]) => [name, { ...side, runtime }]));
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    scope.report.miss('Bun', error.howToGet);
    return {};
  }
}

async function throughNginx(scope, program, protocol) {
  const { urls, stop } = await scope.nginx([{ protocol, addresses: [program.address], unbuffered: true }]);
  return { address: new URL(urls[0]).host, protocol: 'http', stop };
}
