/** "Hello, world" without a gateway: requests per second, and the CPU of the application for each. */
import { BARE, HTTP, MINIMAL, OURS } from '../helpers/peers.mjs';
import { slice } from '../helpers/rounds.mjs';
import { GENERATIONS } from '../helpers/scope.mjs';

export const title = '“Hello, world” without a gateway';

const TRANSPORTS = { unix: 'Unix', tcp: 'TCP' };
const CONNECTIONS = [1, 32];
const CLIENT = new URL('../load/scgi-client.mjs', import.meta.url);
const PIPELINE = 'the pipeline by hand';
const SIDES = {
  [OURS]: { file: '../peers/ours/rxscgi.mjs', protocol: 'scgi' },
  [PIPELINE]: { file: '../peers/ours/pipeline.mjs', protocol: 'scgi' },
  [BARE]: { file: '../peers/by-hand/bare.mjs', protocol: 'scgi' },
  [MINIMAL]: { file: '../peers/by-hand/minimal.mjs', protocol: 'scgi' },
  [HTTP]: { file: '../peers/http.mjs', protocol: 'http' },
};

const RATE_BOUNDS = { [PIPELINE]: { atLeast: 0.95 }, [BARE]: { atLeast: 0.98 } };
const CPU_BOUNDS = { [PIPELINE]: { atMost: 1.1 }, [BARE]: { atMost: 1.05 }, [MINIMAL]: { atMost: 1.15 } };

export async function run(scope) {
  const client = await scope.start(CLIENT, []);
  for (const [transport, label] of Object.entries(TRANSPORTS)) {
    for (const connections of CONNECTIONS) {
      const what = `${label}, c = ${connections}`;
      if (!scope.begins(what)) continue;
      const { seconds } = scope.options;
      const { rate, cpu } = await scope.generations(() =>
        startSides(scope, what, transport, (load) => client.ask('load', { ...load, connections, seconds })),
      );
      const key = { benchmark: scope.name, what };
      const judged = connections > 1;
      scope.report.add(
        { ...key, metric: 'requests/s' },
        rate,
        comparisons(judged ? RATE_BOUNDS : {}),
        GENERATIONS,
      );
      scope.report.add(
        { ...key, metric: 'µs CPU / request' },
        cpu,
        comparisons(judged ? CPU_BOUNDS : {}),
        GENERATIONS,
      );
    }
  }
}

function comparisons(bounds) {
  const others = [BARE, MINIMAL, HTTP].map((name) => [OURS, '÷', name, bounds[name]]);
  return [[PIPELINE, '÷', OURS, bounds[PIPELINE]], ...others];
}

async function startSides(scope, what, transport, load) {
  const programs = [];
  const sides = {};
  for (const [name, { file, protocol }] of Object.entries(SIDES)) {
    const profile = scope.profileName(what, name);
    const url = new URL(file, import.meta.url);
    const program = await scope.start(url, [scope.address(transport)], { profile });
    programs.push(program);
    sides[name] = () => slice(program, () => load({ address: program.address, protocol }));
  }
  const stop = async () => {
    for (const program of programs) await program.stop();
  };
  return { sides, stop };
}
