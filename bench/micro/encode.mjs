/** Encoding in memory: the operator against a template string. */
import { microRounds } from './micro.mjs';
import { GENERATIONS } from '../helpers/scope.mjs';
import { CASE_NAMES, SIDE_NAMES } from './subjects/encode.mjs';

export const title = 'encoding a response in memory, against a template string';

export async function run(scope) {
  for (const name of CASE_NAMES) {
    if (!scope.begins(name)) continue;
    const { cpu } = await microRounds(scope, 'encode', SIDE_NAMES, { name }, sameBytes);
    const key = { benchmark: scope.name, what: name, metric: 'µs CPU' };
    scope.report.add(key, cpu, [['operators', '÷', 'by hand']], GENERATIONS);
  }
}

function sameBytes(some, others) {
  return some === others;
}
