/** The built package on every runtime of package.json beside this file, which CI installs: `npm ci --prefix spec/runtimes`. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { requireBuild } from '../helpers/command/build.js';

const MODULES = join(__dirname, 'node_modules');
const SUITE = join(__dirname, 'smoke/main.mjs');
const TIMEOUT_MS = 300_000;
const LEAST_CASES = 60;

interface Outcome {
  readonly passed: number;
  readonly failed: readonly { readonly name: string; readonly error: string }[];
}

/** Where each runtime is, how it runs a file, and the cases that it is known to fail. */
const RUNTIMES: Record<string, { path: string; args?: string[]; entry?: string; fails?: string[] }> = {
  'Node.js 20': { path: 'node-20/bin/node' },
  'Node.js 22': { path: 'node-22/bin/node' },
  'Node.js 24': { path: 'node-24/bin/node' },
  'Node.js 26': { path: 'node-26/bin/node' },
  Bun: { path: '.bin/bun' },
  'Bun, over rxscgi/bun': { path: '.bin/bun', entry: 'bun' },
  Deno: {
    path: '.bin/deno',
    args: ['run', '-A'],
    // An empty write does not tell it that the other end of a Unix socket is closed.
    fails: ['serveScgi, Unix: cancels a handler when the gateway has gone'],
  },
};

function runSuite(path: string, args: readonly string[], entry: string): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    execFile(path, [...args, SUITE, entry], { timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
      const line = stdout.trim().split('\n').at(-1) ?? '';
      if (line.startsWith('{')) resolve(JSON.parse(line) as Outcome);
      else reject(new Error(`${path}: ${stderr || stdout || (error?.message ?? '')}`));
    });
  });
}

describe('the package', () => {
  beforeAll(requireBuild);

  for (const [name, { path, args = [], entry = 'node', fails = [] }] of Object.entries(RUNTIMES)) {
    const file = join(MODULES, path);
    const title = `should pass the smoke suite on ${name}${fails.length > 0 ? `, but for ${fails.length} case` : ''}`;
    if (!existsSync(file) && process.env.RXSCGI_PEERS !== 'required') {
      process.stderr.write(
        `skipped, since ${name} is not installed (npm ci --prefix spec/runtimes): ${title}\n`,
      );
      it.skip(title, () => undefined);
      continue;
    }
    it(
      title,
      async () => {
        const { passed, failed } = await runSuite(file, args, entry);
        const unexpected = failed.filter((each) => !fails.includes(each.name));
        expect(unexpected).toEqual([]);
        expect(failed.map((each) => each.name)).toEqual(fails);
        expect(passed).toBeGreaterThanOrEqual(LEAST_CASES);
      },
      TIMEOUT_MS,
    );
  }
});
