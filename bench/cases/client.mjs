/** Calls of an application: `scgiRequest` against a client by hand, and reading a response against a parser by hand. */
import { sameVariables } from '../micro/decode.mjs';
import { microRounds } from '../micro/micro.mjs';
import { slice } from '../helpers/rounds.mjs';
import { GENERATIONS } from '../helpers/scope.mjs';

export const title = 'calls of an application, against a client written by hand';

const OURS = 'scgiRequest';
const BARE = 'bare net.connect';
const WITH_RXJS = 'bare net.connect with RxJS';
const MINIMAL = 'minimal net.connect';
const SIDES = { [OURS]: 'rxscgi', [BARE]: 'bare', [WITH_RXJS]: 'bare-with-rxjs', [MINIMAL]: 'minimal' };
/** Until some 20 000 calls have been made, V8 keeps a seventh of the objects of each call: it costs most who makes most of them. */
const WARM_UP_SECONDS = 4;
const CONNECTIONS = [1, 32];
const APPLICATION = new URL('../peers/by-hand/bare.mjs', import.meta.url);
const CALLER = new URL('../load/caller.mjs', import.meta.url);
const RESPONSES = [
  { what: '2 kB, one chunk', bytes: 2048, how: 'whole' },
  { what: '64 kB, 1 400-byte chunks', bytes: 65_536, how: '1400' },
];

export async function run(scope) {
  await calls(scope);
  await responses(scope);
}

async function calls(scope) {
  const { seconds } = scope.options;
  for (const connections of CONNECTIONS) {
    const what = `calls over Unix, c = ${connections}`;
    if (!scope.begins(what)) continue;
    const samples = await scope.generations(async () => {
      const programs = [await scope.start(APPLICATION, [scope.address('unix')])];
      const [{ address }] = programs;
      const sides = {};
      for (const [name, side] of Object.entries(SIDES)) {
        const caller = await scope.start(CALLER, [side], { profile: scope.profileName(what, name) });
        programs.push(caller);
        sides[name] = () => slice(caller, () => caller.ask('load', { address, connections, seconds }));
      }
      const stop = async () => {
        for (const program of programs.reverse()) await program.stop();
      };
      return { sides, stop };
    }, WARM_UP_SECONDS);
    const key = { benchmark: scope.name, what };
    const withBare = [OURS, '÷', BARE];
    const others = [
      [OURS, '÷', WITH_RXJS],
      [WITH_RXJS, '÷', BARE],
      [OURS, '÷', MINIMAL],
    ];
    scope.report.add(
      { ...key, metric: 'requests/s' },
      samples.rate,
      [[...withBare, { atLeast: 0.95 }], ...others],
      GENERATIONS,
    );
    const metric = 'µs CPU / request';
    scope.report.add({ ...key, metric }, samples.cpu, [withBare, ...others], GENERATIONS);
  }
}

async function responses(scope) {
  for (const { what: size, ...parameters } of RESPONSES) {
    const what = `a response of ${size}`;
    if (!scope.begins(what)) continue;
    const sides = ['bare parser', 'minimal parser', 'core', 'operators'];
    const { cpu } = await microRounds(scope, 'response', sides, parameters, sameVariables);
    const comparisons = [
      ['core', '÷', 'bare parser', { atMost: 1.1 }],
      ['operators', '÷', 'bare parser'],
      ['core', '÷', 'minimal parser'],
    ];
    scope.report.add({ benchmark: scope.name, what, metric: 'µs CPU' }, cpu, comparisons, GENERATIONS);
  }
}
