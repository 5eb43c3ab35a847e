/**
 * The smoke suite: runs all cases on the runtime that runs this file, over the built package.
 *
 *     node spec/runtimes/smoke/main.mjs       bun spec/runtimes/smoke/main.mjs       deno run -A spec/runtimes/smoke/main.mjs
 *     bun spec/runtimes/smoke/main.mjs bun    the server's cases over rxscgi/bun instead of rxscgi/node
 *
 * Prints one line of JSON: `{ passed, failed: [{ name, error }] }`.
 */
import { commandCases } from './command.mjs';
import { engineCases } from './engine.mjs';
import { listenerCases } from './listener.mjs';
import { serverCases } from './server.mjs';

const CASE_TIMEOUT_MS = 20_000;

const failed = [];
let passed = 0;
for (const [name, run] of [...engineCases, ...serverCases, ...listenerCases, ...commandCases]) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('no end within the time')), CASE_TIMEOUT_MS);
  });
  try {
    await Promise.race([run(), late]);
    passed++;
  } catch (error) {
    failed.push({ name, error: String(error?.stack ?? error).slice(0, 500) });
  } finally {
    clearTimeout(timer);
  }
}
console.log(JSON.stringify({ passed, failed }));
process.exit(failed.length === 0 ? 0 : 1);
