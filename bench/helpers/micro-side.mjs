/**
 * One side of a micro-benchmark, in a process of its own: `node micro-side.mjs SUBJECT SIDE PARAMETERS`. Sides that share
 * a process share inline caches and a heap, and would be measured by what the others do to those.
 */
import { commands } from './measured.mjs';

const WARM_UP_MICROS = 400_000;

const [, , subject, side, parameters] = process.argv;
const { prepare } = await import(subject);
const { run, result } = await prepare(side, JSON.parse(parameters));

/** What the runs gave in sum: kept, so that they cannot be left out. */
let kept = 0;
let batch = 1;

function timed(count) {
  const before = commands.cpu();
  kept += Number(run(count) !== undefined);
  return commands.cpu() - before;
}

/** Runs until the code is compiled. @returns how many runs make a batch of about `batchMicros`. */
commands.warmUp = (batchMicros) => {
  let spent = 0;
  let micros = 0;
  while (spent < WARM_UP_MICROS || micros < batchMicros / 2) {
    micros = timed(batch);
    spent += micros;
    if (micros < batchMicros)
      batch = Math.ceil(batch * Math.min(8, (1.1 * batchMicros) / Math.max(micros, 1)));
  }
  return batch;
};

/**
 * Runs a batch. `cpu` is in microseconds a run, with that of the collector's threads; it depends less on what else the
 * machine does than `rate`, in runs a second.
 */
commands.batch = () => {
  const started = performance.now();
  const cpu = timed(batch) / batch;
  return { cpu, rate: (batch * 1000) / (performance.now() - started) };
};
commands.result = result;
commands.kept = () => kept;

console.log('ready');
