/**
 * One side of a micro-benchmark: `node micro-side.mjs SUBJECT SIDE PARAMETERS`. Each side is a process, because sides in one
 * process would share inline caches and a heap, and influence each other.
 */
import { commands } from '../load/measured.mjs';

const WARM_UP_MICROS = 400_000;

const [, , subject, side, parameters] = process.argv;
const { prepare } = await import(subject);
const { run, result } = await prepare(side, JSON.parse(parameters));

/** The sum of all results, so that no run can be optimised away. */
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
 * Runs a batch. `cpu` is microseconds per run, including the threads that collect garbage; it depends less on the other load of
 * the machine than `rate`, in runs per second.
 */
commands.batch = () => {
  const started = performance.now();
  const cpu = timed(batch) / batch;
  return { cpu, rate: (batch * 1000) / (performance.now() - started) };
};
commands.result = result;
commands.kept = () => kept;

console.log('ready');
