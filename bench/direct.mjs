/** "Hello, world" without a gateway: requests per second, and the CPU of the application for each. */
import { BARE, HTTP, OURS } from './helpers/peers.mjs';
import { slice } from './helpers/rounds.mjs';

export const title = '“Hello, world” without a gateway';

const TRANSPORTS = { unix: 'Unix', tcp: 'TCP' };
const CONNECTIONS = [1, 32];
const ROUNDS = 20;
const CLIENT = new URL('load/scgi-client.mjs', import.meta.url);
const PIPELINE = 'the pipeline by hand';
const SIDES = {
  [OURS]: { file: 'peers/rxscgi.mjs', protocol: 'scgi' },
  [PIPELINE]: { file: 'peers/pipeline.mjs', protocol: 'scgi' },
  [BARE]: { file: 'peers/bare.mjs', protocol: 'scgi' },
  [HTTP]: { file: 'peers/http.mjs', protocol: 'http' },
};

export async function run(scope) {
  const client = await scope.start(CLIENT, []);
  for (const [transport, label] of Object.entries(TRANSPORTS)) {
    const cases = CONNECTIONS.map((connections) => ({ connections, what: `${label}, c = ${connections}` }));
    const wanted = cases.filter(({ what }) => scope.begins(what));
    if (wanted.length === 0) continue;
    const programs = await startSides(scope, transport);
    for (const { connections, what } of wanted) {
      const measures = programs.map(([name, { program, protocol }]) => {
        const load = { address: program.address, protocol, connections, seconds: scope.options.seconds };
        return [name, () => slice(program, () => client.ask('load', load))];
      });
      const { rate, cpu } = await scope.rounds(Object.fromEntries(measures), { rounds: ROUNDS });
      const compare = (bound) => [
        [PIPELINE, '÷', OURS, connections === 1 ? undefined : bound],
        [OURS, '÷', BARE],
        [OURS, '÷', HTTP],
      ];
      const key = { benchmark: scope.name, what };
      scope.report.add({ ...key, metric: 'requests/s' }, rate, compare({ atLeast: 0.95 }));
      scope.report.add({ ...key, metric: 'µs CPU / request' }, cpu, compare({ atMost: 1.1 }));
    }
  }
}

async function startSides(scope, transport) {
  const started = [];
  for (const [name, { file, protocol }] of Object.entries(SIDES)) {
    const profile = scope.profileName(transport, name);
    const url = new URL(file, import.meta.url);
    const program = await scope.start(url, [scope.address(transport)], { profile });
    started.push([name, { program, protocol }]);
  }
  return started;
}
