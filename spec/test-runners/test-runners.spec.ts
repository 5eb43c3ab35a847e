/** `rxscgi/testing` under Jest, node:test and Vitest, as built. CI installs the last: `npm ci --prefix spec/test-runners`. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { requireBuild } from '../helpers/command/build.js';

const CASES = ['a Promise', 'virtual time', 'a stream', 'bytes'];
const VITEST = join(__dirname, 'node_modules/vitest/vitest.mjs');
const TIMEOUT_MS = 60_000;

/** What a failing test must say, whoever prints it. */
const LINES = [
  'expected: (ab|)',
  'actual:   (cb|)',
  'a: { status: 404, headers: {} }',
  'b: "x"',
  'c: { status: 200, headers: Headers {} }',
];

/** What a runner prints; it fails, as one test does. */
function output(file: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      cwd: __dirname,
      timeout: TIMEOUT_MS,
      env: { ...process.env, NO_COLOR: '1', NODE_TEST_CONTEXT: undefined },
    };
    execFile(file, args, options, (error, stdout, stderr) => {
      if (error?.code === 1) resolve(stdout);
      else
        reject(new Error(`${file} ${args.join(' ')}: ${error?.message ?? 'no failure'}\n${stdout}${stderr}`));
    });
  });
}

describe('rxscgi/testing', () => {
  beforeAll(requireBuild);

  // Jest has no ES modules by itself.
  it('should work in Jest', async () => {
    const kit = jest.requireActual<object>('../../dist/cjs/testing/index.js');
    const cases = jest.requireActual<Cases>('./cases.cjs');
    for (const [, run] of cases.casesOf(kit)) await run();
    expect(cases.casesOf(kit).map(([name]) => name)).toEqual(CASES);
    let message = '';
    try {
      cases.failingCaseOf(kit)();
    } catch (error) {
      ({ message } = error as Error);
    }
    for (const line of LINES) expect(message).toContain(line);
  });

  it(
    'should work in node:test',
    async () => {
      const text = await output(process.execPath, ['--test', '--test-reporter=tap', 'node.test.mjs']);
      expect(/^# pass (\d+)\n# fail (\d+)/m.exec(text)?.slice(1)).toEqual([String(CASES.length), '1']);
      for (const line of LINES) expect(text).toContain(line);
    },
    TIMEOUT_MS,
  );

  const title = 'should work in Vitest';
  if (!existsSync(VITEST) && process.env.RXSCGI_PEERS !== 'required') {
    process.stderr.write(
      `skipped, since Vitest is not installed (npm ci --prefix spec/test-runners): ${title}\n`,
    );
    it.skip(title, () => undefined);
    return;
  }
  it(
    title,
    async () => {
      const report = JSON.parse(
        await output(process.execPath, [VITEST, 'run', '--reporter=json', 'vitest.test.mjs']),
      ) as Report;
      expect([report.numPassedTests, report.numFailedTests]).toEqual([CASES.length, 1]);
      const failures = report.testResults.flatMap(({ assertionResults }) =>
        assertionResults.flatMap(({ failureMessages }) => failureMessages),
      );
      for (const line of LINES) expect(failures.join()).toContain(line);
    },
    TIMEOUT_MS,
  );
});

interface Cases {
  casesOf(kit: object): readonly (readonly [name: string, run: () => unknown])[];
  failingCaseOf(kit: object): () => unknown;
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly failureMessages: readonly string[] }[];
  }[];
}
