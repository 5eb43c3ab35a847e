/** The structural rules of eslint.config.mjs: each fails where it is broken, and only there. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const LAYERS = 'boundaries/dependencies';
const FILES = 'boundaries/no-unknown-files';
const GLOBALS = 'no-restricted-globals';
const TYPES = '@typescript-eslint/no-restricted-types';
const SYNTAX = 'no-restricted-syntax';
const PROPERTIES = 'no-restricted-properties';
const IMPORTS = 'no-restricted-imports';
const CONSOLE = 'no-console';
const LINES = 'max-lines';

interface Case {
  readonly path: string;
  readonly code: string;
  /** The rule that must be broken, or nothing. */
  readonly breaks?: string;
}

const engine = ['lib/core/x.ts', 'lib/operators/x.ts', 'lib/operators/deep/x.ts'];
const portable = [...engine, 'lib/adapters/x.ts', 'lib/server/x.ts', 'lib/testing/x.ts', 'lib/index.ts'];
const nodeSide = ['lib/node/x.ts', 'lib/cli/x.ts'];

/** `breaks` in each of `paths`, nothing in each of `otherwise`. */
function onlyIn(paths: string[], otherwise: string[], breaks: string, code: string): Case[] {
  return [...paths.map((path) => ({ path, code, breaks })), ...otherwise.map((path) => ({ path, code }))];
}

/** Which layer may import which: each pair that is not here must be refused. */
const ALLOWED: Record<string, string[]> = {
  core: ['core'],
  operators: ['operators', 'core'],
  adapters: ['adapters', 'operators', 'core'],
  server: ['server', 'operators', 'core'],
  system: ['system', 'server', 'operators', 'core'],
  node: ['node', 'system', 'server', 'adapters', 'operators', 'core'],
  bun: ['bun', 'system', 'server', 'operators', 'core'],
  cli: ['cli', 'node', 'bun', 'system', 'server', 'adapters', 'operators', 'core'],
  testing: ['testing', 'adapters', 'operators', 'core'],
};
const layers = Object.keys(ALLOWED);
const existing = layers.filter((layer) => existsSync(join(ROOT, 'lib', layer)));
/** A file of each layer: an import of a file that does not exist is always refused. */
const fileOf = Object.fromEntries(
  existing.map((layer) => {
    const files = readdirSync(join(ROOT, 'lib', layer), { recursive: true, encoding: 'utf8' });
    const file = files.find((name) => name.endsWith('.ts'))!;
    return [layer, file.replace(/ts$/, 'js')];
  }),
);
const node = `node/${fileOf['node']}`;

const imports = [
  ...layers.flatMap((from) =>
    existing.map((to): Case => {
      const code = `import { y } from '${from === to ? '.' : `../${to}`}/${fileOf[to]}';\ny();\n`;
      const path = `lib/${from}/x.ts`;
      return ALLOWED[from]!.includes(to) ? { path, code } : { path, code, breaks: LAYERS };
    }),
  ),
  ...existing.map((to): Case => {
    const code = `export * from './${to}/${fileOf[to]}';\n`;
    const allowed = ['core', 'operators', 'adapters'].includes(to);
    return allowed ? { path: 'lib/index.ts', code } : { path: 'lib/index.ts', code, breaks: LAYERS };
  }),
  ...layers.map((from) => ({
    path: `lib/${from}/x.ts`,
    code: "export * from '../index.js';\n",
    breaks: LAYERS,
  })),
  // Every way to write an import.
  ...[
    `import type { Y } from '../${node}';\nexport type X = Y;\n`,
    `export { y } from '../${node}';\n`,
    `export * from '../${node}';\n`,
    `import '../${node}';\n`,
    `export const y = import('../${node}');\n`,
    `export type X = import('../${node}').Y;\n`,
    `import y = require('../${node}');\ny();\n`,
  ].flatMap((code) => onlyIn(['lib/operators/x.ts'], ['lib/cli/x.ts'], LAYERS, code)),
  { path: 'lib/operators/deep/x.ts', code: `export * from '../../${node}';\n`, breaks: LAYERS },
  { path: 'lib/operators/deep/x.ts', code: `export * from '../../core/${fileOf['core']}';\n` },
  { path: 'lib/node/x.ts', code: "export * from '../../spec/lint/structure.spec.js';\n", breaks: LAYERS },
  { path: 'lib/node/x.ts', code: "export * from './not-there.js';\n", breaks: LAYERS },
  { path: 'lib/elsewhere/x.ts', code: 'export const x = 1;\n', breaks: FILES },
  { path: 'lib/elsewhere.ts', code: 'export const x = 1;\n', breaks: FILES },
];

const packages = [
  ...onlyIn(
    ['lib/core/x.ts'],
    ['lib/operators/x.ts', 'lib/node/x.ts'],
    LAYERS,
    "export { of } from 'rxjs';\n",
  ),
  ...onlyIn(['lib/node/x.ts'], ['lib/testing/x.ts'], LAYERS, "export * from 'rxjs/testing';\n"),
  ...onlyIn(portable, nodeSide, LAYERS, "export * from 'node:net';\n"),
  ...onlyIn([...portable, ...nodeSide], [], LAYERS, "export * from 'net';\n"),
  ...onlyIn([...portable, ...nodeSide], [], LAYERS, "export * from 'lodash';\n"),
];

const nodeOnly = [
  'export const x = Buffer.alloc(1);\n',
  'export const x = globalThis.Buffer;\n',
  'export const x = process.pid;\n',
  "export const x: unknown = require('x');\n",
  'export const x = __dirname;\n',
  'setImmediate(() => {});\n',
].flatMap((code) => onlyIn(portable, nodeSide, GLOBALS, code));

const nodeTypes = [
  ...onlyIn(portable, nodeSide, TYPES, 'export type X = Buffer;\n'),
  ...onlyIn(portable, nodeSide, TYPES, 'export function x(y: Buffer[]): void {}\n'),
  ...onlyIn(portable, nodeSide, SYNTAX, 'export type X = NodeJS.Timeout;\n'),
];

const elsewhere = ['lib/adapters/x.ts', ...nodeSide];
const promises = [
  ...onlyIn(engine, elsewhere, GLOBALS, 'export const x = new Promise(() => {});\n'),
  ...onlyIn(engine, elsewhere, GLOBALS, 'export const x = Promise.resolve();\n'),
  ...onlyIn(engine, elsewhere, TYPES, 'export type X = Promise<void>;\n'),
  ...onlyIn(engine, elsewhere, SYNTAX, 'export async function x() {}\n'),
  ...onlyIn(engine, elsewhere, SYNTAX, 'export const x = async () => {};\n'),
  ...onlyIn(engine, elsewhere, SYNTAX, 'export class X { async *x() {} }\n'),
  ...onlyIn(engine, elsewhere, SYNTAX, 'await x();\n'),
  ...onlyIn(engine, elsewhere, SYNTAX, 'for await (const x of y) x();\n'),
  ...onlyIn(engine, elsewhere, GLOBALS, "export const x = fetch('/');\n"),
  ...onlyIn(engine, elsewhere, TYPES, 'export type X = PromiseLike<void>;\n'),
  ...onlyIn(engine, elsewhere, SYNTAX, 'x.then(y);\n'),
  ...onlyIn(engine, elsewhere, SYNTAX, 'x?.then(y);\n'),
  ...onlyIn(engine, elsewhere, SYNTAX, 'x.toPromise();\n'),
];

const TAKES_FIRST = "import { firstValueFrom } from 'rxjs';\nfirstValueFrom(x);\n";
const TAKES_LAST = "import { of, lastValueFrom as y } from 'rxjs';\ny(of(1));\n";
/** Where RxJS may be imported at all. */
const operators = ['lib/operators/x.ts', 'lib/operators/deep/x.ts'];
const promisingImports = [
  ...onlyIn(operators, elsewhere, IMPORTS, TAKES_FIRST),
  ...onlyIn(operators, elsewhere, IMPORTS, TAKES_LAST),
  ...onlyIn(operators, elsewhere, IMPORTS, "export { lastValueFrom } from 'rxjs';\n"),
  ...onlyIn(operators, elsewhere, IMPORTS, "import * as rxjs from 'rxjs';\nrxjs.of(1);\n"),
];

/** The files that the configuration excepts, and how far: all else is refused there as well. */
const iterator = ['lib/operators/request/request-body.ts'];
const taker = ['lib/operators/response/response-source.ts'];
const exceptions = [
  ...onlyIn(taker, iterator, IMPORTS, TAKES_FIRST),
  ...onlyIn([...taker, ...iterator], [], IMPORTS, TAKES_LAST),
  ...onlyIn(iterator, taker, TYPES, 'export type X = PromiseLike<void>;\n'),
  ...onlyIn(iterator, taker, SYNTAX, 'x.then(y);\n'),
  ...onlyIn([...taker, ...iterator], [], TYPES, 'export type X = Promise<void>;\n'),
  ...onlyIn([...taker, ...iterator], [], TYPES, 'export type X = Buffer;\n'),
  ...onlyIn([...taker, ...iterator], [], GLOBALS, 'export const x = Promise.resolve();\n'),
  ...onlyIn([...taker, ...iterator], [], GLOBALS, 'setTimeout(() => {}, 1);\n'),
  ...onlyIn([...taker, ...iterator], [], SYNTAX, 'export async function x() {}\n'),
  ...onlyIn([...taker, ...iterator], [], PROPERTIES, 'export const x = Date.now();\n'),
];

const signals = [
  ...onlyIn(engine, elsewhere, GLOBALS, 'export const x = AbortSignal.timeout(1);\n'),
  ...onlyIn(engine, elsewhere, GLOBALS, 'export const x = new AbortController();\n'),
  ...onlyIn(engine, elsewhere, TYPES, 'export function x(y: AbortSignal): void {}\n'),
];

const clocks = [
  ...['setTimeout(() => {}, 1);\n', 'setInterval(() => {}, 1);\n', 'queueMicrotask(() => {});\n'],
  ...['globalThis.setTimeout(() => {}, 1);\n', 'export const x = performance.now();\n'],
].flatMap((code) => onlyIn(engine, elsewhere, GLOBALS, code));
clocks.push(
  ...onlyIn(engine, elsewhere, PROPERTIES, 'export const x = Date.now();\n'),
  ...onlyIn(engine, elsewhere, SYNTAX, 'export const x = new Date();\n'),
  ...onlyIn(engine, elsewhere, SYNTAX, 'export const x = Date();\n'),
);

const others = [
  ...onlyIn([...portable, 'lib/node/x.ts'], ['lib/cli/x.ts', 'spec/x.ts'], CONSOLE, 'console.log(1);\n'),
  ...onlyIn(['lib/core/x.ts', 'lib/cli/x.ts', 'spec/core/x.ts'], [], LINES, '// …\n'.repeat(301)),
  ...onlyIn([], ['lib/core/x.ts', 'lib/cli/x.ts', 'spec/core/x.ts'], LINES, '// …\n'.repeat(300)),
  // Names that only look alike, and what the engine is meant to use.
  ...[
    'export const x = { process: 1, performance: 2 };\nx.process++;\n',
    'export function x(process: () => void) {\n  process();\n}\n',
    'export const x = new Uint8Array(1);\n',
    'export const x = new Date(0);\n',
    'export function* x() {}\n',
  ].map((code): Case => ({ path: 'lib/core/x.ts', code })),
  { path: 'lib/operators/x.ts', code: "import { asyncScheduler } from 'rxjs';\nasyncScheduler.now();\n" },
];

const groups: [name: string, cases: Case[]][] = [
  ['imports between the layers', imports],
  ['packages', packages],
  ['globals of Node.js', nodeOnly],
  ['types of Node.js', nodeTypes],
  ['Promises', promises],
  ['what makes Promises of Observables', promisingImports],
  ['the files that meet Promises', exceptions],
  ['AbortSignals', signals],
  ['clocks and timers', clocks],
  ['the console, the length of a file and what only looks alike', others],
];

/** In one process: to load the configuration takes seconds. */
function lint(snippets: readonly Case[]): string[][] {
  const rules = [LAYERS, FILES, GLOBALS, TYPES, SYNTAX, PROPERTIES, IMPORTS, CONSOLE, LINES];
  const output = execFileSync(process.execPath, [join(__dirname, 'lint-snippets.mjs')], {
    cwd: ROOT,
    input: JSON.stringify({ rules, snippets }),
  });
  return JSON.parse(output.toString()) as string[][];
}

describe('eslint.config.mjs', () => {
  const found = new Map<Case, string[]>();

  beforeAll(() => {
    const snippets = groups.flatMap(([, cases]) => cases);
    for (const [i, breaks] of lint(snippets).entries()) found.set(snippets[i]!, breaks);
  });

  it.each(groups)('should refuse and allow what it says about %s', (_name, cases) => {
    const actual = cases.map((given) => ({ ...given, breaks: found.get(given) }));
    expect(actual).toEqual(cases.map((given) => ({ ...given, breaks: given.breaks ? [given.breaks] : [] })));
  });
});
