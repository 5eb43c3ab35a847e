/** The package as it is published: packed, installed into empty projects, and put to work there. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT, requireBuild } from '../helpers/command/build.js';
import {
  cjsIdentityProgram,
  cjsProgram,
  coreCjsProgram,
  coreEsmProgram,
  esmIdentityProgram,
  esmProgram,
  typescriptProgram,
} from './consumer.js';
import { INSTALL_TIMEOUT_MS, run } from './run.js';

jest.setTimeout(INSTALL_TIMEOUT_MS);

let directory: string;
let tarball: string;
/** A project in which the tarball is installed, with the newest peer and the types of Node.js. */
let newest: string;

/** A project in which these are installed. */
function project(name: string, ...packages: string[]): string {
  const cwd = join(directory, name);
  mkdirSync(cwd);
  const manifest = { name, version: '1.0.0', private: true, type: 'module' };
  writeFileSync(join(cwd, 'package.json'), JSON.stringify(manifest));
  run(cwd, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', ...packages);
  return cwd;
}

/** A package in the version of this project, as npm is told. */
function asHere(name: string): string {
  return `${name}@${versionOf(join(ROOT, 'node_modules', name))}`;
}

function versionOf(packageDirectory: string): string {
  return manifestOf(packageDirectory).version;
}

function manifestOf(packageDirectory: string): {
  readonly version: string;
  readonly peerDependencies: Readonly<Record<string, string>>;
} {
  return JSON.parse(readFileSync(join(packageDirectory, 'package.json'), 'utf8')) as ReturnType<
    typeof manifestOf
  >;
}

/** Writes a program into a project, and runs it. @returns its lines. */
function runProgram(cwd: string, script: string, source: string, ...flags: string[]): string[] {
  writeFileSync(join(cwd, script), source);
  return run(cwd, process.execPath, ...flags, script).split('\n');
}

function expectAnswer(cwd: string, script: string): void {
  const [response, ...rest] = run(cwd, process.execPath, script).split('\n');
  expect(JSON.parse(response!)).toMatch(/^Status: 200 OK\r\n[^]*\r\n\r\nhello \/deepthought$/);
  expect(rest).toEqual(['drained', '']);
}

function compile(cwd: string, files: readonly string[], options: object): void {
  // Without the DOM's types, as projects for Node.js are, and with all checks on the package's own declarations.
  const compilerOptions = {
    target: 'es2022',
    lib: ['es2023'],
    types: ['node'],
    strict: true,
    outDir: 'out',
    ...options,
  };
  writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  run(cwd, process.execPath, join(ROOT, 'node_modules/typescript/bin/tsc'));
}

/** What a file of dist, and those that it is cut into, load from elsewhere. */
function importsOf(file: string): Set<string> {
  const code = readFileSync(file, 'utf8');
  const names = Array.from(code.matchAll(/(?:from |^import |require\()'([^']+)'/gm), ([, name]) => name!);
  const parts = names.filter((name) => name.startsWith('.')).map((name) => join(dirname(file), name));
  return new Set([
    ...names.filter((name) => !name.startsWith('.')),
    ...parts.flatMap((part) => [...importsOf(part)]),
  ]);
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'rxscgi-package-'));
  requireBuild();
  // Without its scripts: `prepare` would replace the build while other specs use it.
  run(ROOT, 'npm', 'pack', '--ignore-scripts', '--pack-destination', directory);
  tarball = join(directory, `rxscgi-${versionOf(ROOT)}.tgz`);
  newest = project('newest', tarball, asHere('@types/node'));
}, INSTALL_TIMEOUT_MS);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the packed package', () => {
  it.each([
    ['ESM', 'main.mjs', esmProgram],
    ['CJS', 'main.cjs', cjsProgram],
  ])('should serve from %s', (_name, script, source) => {
    writeFileSync(join(newest, script), source);
    expectAnswer(newest, script);
  });

  it('should have a command that runs', () => {
    const version = run(newest, join(newest, 'node_modules/.bin/rxscgi'), '--version').trim();
    expect(version).toContain(versionOf(ROOT));
  });

  it.each([
    ['ESM', 'identity.mjs', esmIdentityProgram],
    ['CJS', 'identity.cjs', cjsIdentityProgram],
  ])(
    'should have each class once, and stack traces that lead to its sources, from %s',
    (_name, script, source) => {
      const [isSameClass, place] = runProgram(newest, script, source, '--enable-source-maps');
      expect(isSameClass).toBe('true');
      const [, file = ''] = /\((.*):\d+:\d+\)$/.exec(place!) ?? [];
      expect(file).toBe(join(newest, 'node_modules/rxscgi/lib/server/connection/connection-state.ts'));
      expect(existsSync(file)).toBe(true);
    },
  );

  it.each([
    ['the operators, in ESM', 'esm/index.js', /^rxjs$/],
    ['the operators, in CJS', 'cjs/index.js', /^rxjs$/],
    ['the helpers for tests', 'esm/testing/index.js', /^rxjs(\/testing)?$/],
    ['the sockets', 'esm/node/index.js', /^(rxjs|node:(?!crypto$|http$).*)$/],
  ])('should load no more than is needed for %s', (_name, entry, needed) => {
    const imports = importsOf(join(ROOT, 'dist', entry));
    expect(imports).toContain('rxjs');
    expect([...imports].filter((name) => !needed.test(name))).toEqual([]);
  });

  it.each([
    ['ESM', 'main.mjs', coreEsmProgram],
    ['CJS', 'main.cjs', coreCjsProgram],
  ])('should read and write by rxscgi/core where there is no RxJS, from %s', (name, script, source) => {
    const cwd = join(directory, `core-${name}`);
    const alone = 'node_modules/rxscgi';
    cpSync(join(newest, alone), join(cwd, alone), { recursive: true });
    expect(runProgram(cwd, script, source)[0]).toBe('done Status: 200 OK');
  });

  it('should load nothing for rxscgi/core', () => {
    for (const format of ['esm', 'cjs'])
      expect([...importsOf(join(ROOT, 'dist', format, 'core/index.js'))]).toEqual([]);
  });

  it('should have no character in its code that takes two bytes, as then each in the file does', () => {
    const dist = join(ROOT, 'dist');
    // But for the page of the live view, which browsers load.
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.js') && !file.startsWith(join('esm', 'cli', 'inspect')),
    );
    expect(files.length).toBeGreaterThan(8);
    expect(files.filter((file) => /[^\0-\xff]/.test(readFileSync(join(dist, file), 'utf8')))).toEqual([]);
  });

  describe('in a TypeScript project', () => {
    it('should compile and serve with moduleResolution node16, from ESM and CJS', () => {
      for (const source of ['node16.mts', 'node16.cts'])
        writeFileSync(join(newest, source), typescriptProgram);
      compile(newest, ['node16.mts', 'node16.cts'], { module: 'node16' });
      for (const output of ['out/node16.mjs', 'out/node16.cjs']) expectAnswer(newest, output);
    });

    it('should compile and serve with moduleResolution bundler', () => {
      writeFileSync(join(newest, 'bundler.ts'), typescriptProgram);
      compile(newest, ['bundler.ts'], { module: 'es2022', moduleResolution: 'bundler' });
      expectAnswer(newest, 'out/bundler.js');
    });
  });

  describe('with the oldest RxJS of its peer range', () => {
    const oldest = manifestOf(ROOT).peerDependencies['rxjs']!.replace('^', '');
    let cwd: string;
    beforeAll(() => {
      cwd = project('oldest', tarball, `rxjs@${oldest}`, asHere('@types/node'));
    }, INSTALL_TIMEOUT_MS);

    it('should find that RxJS and no other', () => {
      expect(oldest).toMatch(/^7(\.\d+){2}$/);
      expect(versionOf(join(cwd, 'node_modules/rxjs'))).toBe(oldest);
      expect(existsSync(join(cwd, 'node_modules/rxscgi/node_modules'))).toBe(false);
    });

    it.each([
      ['ESM', 'main.mjs', esmProgram],
      ['CJS', 'main.cjs', cjsProgram],
    ])('should serve from %s', (_name, script, source) => {
      writeFileSync(join(cwd, script), source);
      expectAnswer(cwd, script);
    });

    // RxJS names its types among its `exports` from 7.5.5 on; before, only this resolution finds them.
    it('should compile and serve with moduleResolution node10', () => {
      writeFileSync(join(cwd, 'main.ts'), typescriptProgram);
      const node10 = { module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '6.0' };
      compile(cwd, ['main.ts'], { ...node10, outDir: 'node10' });
      writeFileSync(join(cwd, 'node10/package.json'), '{ "type": "commonjs" }');
      expectAnswer(cwd, 'node10/main.js');
    });
  });
});
