/** The package as it is published: packed, installed into empty projects, and put to work there. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cjsProgram, esmProgram, typescriptProgram } from './consumer.js';

const ROOT = join(__dirname, '../..');
const INSTALL_TIMEOUT_MS = 180_000;

let directory: string;
let tarball: string;

function run(cwd: string, command: string, ...args: string[]): string {
  // Within `npm test`, npm would take this project for the one to install into.
  const env = { ...process.env, npm_config_local_prefix: undefined };
  try {
    return execFileSync(command, args, {
      cwd,
      env,
      encoding: 'utf8',
      timeout: INSTALL_TIMEOUT_MS,
      stdio: 'pipe',
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

/** An empty project with the tarball, which brings its peer, and with `packages` in the versions of this project. */
function project(name: string, manifest: object, ...packages: string[]): string {
  const cwd = join(directory, name);
  mkdirSync(cwd);
  writeFileSync(
    join(cwd, 'package.json'),
    JSON.stringify({ name, version: '1.0.0', private: true, ...manifest }),
  );
  const others = packages.map((each) => `${each}@${versionOf(join(ROOT, 'node_modules', each))}`);
  run(cwd, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', tarball, ...others);
  return cwd;
}

function versionOf(packageDirectory: string): string {
  return (JSON.parse(readFileSync(join(packageDirectory, 'package.json'), 'utf8')) as { version: string })
    .version;
}

function expectAnswer(cwd: string, script: string): void {
  const [response, ...rest] = run(cwd, process.execPath, script).split('\n');
  expect(JSON.parse(response!)).toMatch(/^Status: 200 OK\r\n[^]*\r\n\r\nhello \/deepthought$/);
  expect(rest).toEqual(['drained', '']);
}

function compile(cwd: string, file: string, options: object): void {
  // Without the DOM's types, as projects for Node.js are, and with all checks on the package's own declarations.
  const compilerOptions = {
    target: 'es2022',
    lib: ['es2023'],
    types: ['node'],
    strict: true,
    outDir: 'out',
    ...options,
  };
  writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }));
  run(cwd, process.execPath, join(ROOT, 'node_modules/typescript/bin/tsc'));
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'rxscgi-package-'));
  run(ROOT, process.execPath, 'scripts/build.mjs', '--if-needed');
  // Without its scripts: `prepare` would build again, below the feet of other specs.
  run(ROOT, 'npm', 'pack', '--ignore-scripts', '--pack-destination', directory);
  tarball = join(directory, `rxscgi-${versionOf(ROOT)}.tgz`);
}, INSTALL_TIMEOUT_MS);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the packed package', () => {
  it(
    'should serve in an ESM project, where its command runs too',
    () => {
      const cwd = project('esm', { type: 'module' });
      writeFileSync(join(cwd, 'main.js'), esmProgram);
      expectAnswer(cwd, 'main.js');
      expect(run(cwd, join(cwd, 'node_modules/.bin/rxscgi'), '--version').trim()).toContain(versionOf(ROOT));
    },
    INSTALL_TIMEOUT_MS,
  );

  it(
    'should serve in a CJS project',
    () => {
      const cwd = project('cjs', {});
      writeFileSync(join(cwd, 'main.js'), cjsProgram);
      expectAnswer(cwd, 'main.js');
    },
    INSTALL_TIMEOUT_MS,
  );

  describe('in a TypeScript project', () => {
    let cwd: string;
    beforeAll(() => {
      cwd = project('typescript', { type: 'module' }, '@types/node');
    }, INSTALL_TIMEOUT_MS);

    it.each([
      ['node16, from ESM', 'node16.mts', 'out/node16.mjs', { module: 'node16' }],
      ['node16, from CJS', 'node16.cts', 'out/node16.cjs', { module: 'node16' }],
      ['bundler', 'bundler.ts', 'out/bundler.js', { module: 'es2022', moduleResolution: 'bundler' }],
    ])(
      'should compile and serve with moduleResolution %s',
      (_name, source, output, options) => {
        writeFileSync(join(cwd, source), typescriptProgram);
        compile(cwd, source, options);
        expectAnswer(cwd, output);
      },
      INSTALL_TIMEOUT_MS,
    );
  });
});
