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

let directory: string;
let tarball: string;
/** A project in which the tarball and the newest peer are installed. */
let installed: string | undefined;

/** A project with the tarball, which brings the newest peer unless one is among `others`, and with `others`. */
function project(name: string, manifest: object, ...others: string[]): string {
  const cwd = join(directory, name);
  mkdirSync(cwd);
  writeFileSync(
    join(cwd, 'package.json'),
    JSON.stringify({ name, version: '1.0.0', private: true, ...manifest }),
  );
  // One installation serves all that need no others.
  if (others.length === 0 && installed !== undefined)
    cpSync(join(installed, 'node_modules'), join(cwd, 'node_modules'), {
      recursive: true,
      verbatimSymlinks: true,
    });
  else run(cwd, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', tarball, ...others);
  if (others.length === 0) installed ??= cwd;
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

  it.each([
    ['ESM', 'main.mjs', esmIdentityProgram],
    ['CJS', 'main.cjs', cjsIdentityProgram],
  ])(
    'should have each class once, and stack traces that lead to its sources, from %s',
    (name, script, source) => {
      const cwd = project(`identity-${name.toLowerCase()}`, {});
      writeFileSync(join(cwd, script), source);
      const [isSameClass, place] = run(cwd, process.execPath, '--enable-source-maps', script).split('\n');
      expect(isSameClass).toBe('true');
      const [, file = ''] = /\((.*):\d+:\d+\)$/.exec(place!) ?? [];
      expect(file).toBe(join(cwd, 'node_modules/rxscgi/lib/server/connection-state.ts'));
      expect(existsSync(file)).toBe(true);
    },
    INSTALL_TIMEOUT_MS,
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
  ])(
    'should read and write by rxscgi/core where there is no RxJS, from %s',
    (name, script, source) => {
      const cwd = project(`core-${name.toLowerCase()}`, {});
      rmSync(join(cwd, 'node_modules/rxjs'), { recursive: true });
      writeFileSync(join(cwd, script), source);
      expect(run(cwd, process.execPath, script).trim()).toBe('done Status: 200 OK');
    },
    INSTALL_TIMEOUT_MS,
  );

  it('should load nothing for rxscgi/core', () => {
    for (const format of ['esm', 'cjs'])
      expect([...importsOf(join(ROOT, 'dist', format, 'core/index.js'))]).toEqual([]);
  });

  it('should have no character in its code that takes two bytes, as then each in the file does', () => {
    const dist = join(ROOT, 'dist');
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.js'),
    );
    expect(files.length).toBeGreaterThan(8);
    expect(files.filter((file) => /[^\0-\xff]/.test(readFileSync(join(dist, file), 'utf8')))).toEqual([]);
  });

  describe('in a TypeScript project', () => {
    let cwd: string;
    beforeAll(() => {
      cwd = project('typescript', { type: 'module' }, asHere('@types/node'));
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

  describe('with the oldest RxJS of its peer range', () => {
    const oldest = manifestOf(ROOT).peerDependencies['rxjs']!.replace('^', '');
    let cwd: string;
    beforeAll(() => {
      cwd = project('oldest', { type: 'module' }, `rxjs@${oldest}`, asHere('@types/node'));
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
      compile(cwd, 'main.ts', { ...node10, outDir: 'node10' });
      writeFileSync(join(cwd, 'node10/package.json'), '{ "type": "commonjs" }');
      expectAnswer(cwd, 'node10/main.js');
    });
  });
});
