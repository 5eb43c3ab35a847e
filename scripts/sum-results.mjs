/**
 * Adds up the counts that scripts/count-reporter.cjs has written to a folder, and prints them as the last line of .ci/run. Fails
 * when a test has failed, and when no test has run.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const directory = process.argv[2];
const sum = { passed: 0, failed: 0, skipped: 0 };
for (const name of readdirSync(directory)) {
  const figures = JSON.parse(readFileSync(join(directory, name), 'utf8'));
  for (const kind of Object.keys(sum)) sum[kind] += figures[kind];
}
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;
