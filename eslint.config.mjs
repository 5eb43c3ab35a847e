// The rules of the code: common mistakes (typescript-eslint, rxjs-x), and the structure of lib/, which
// spec/lint/structure.spec.ts proves rule by rule.
import js from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import rxjsX from 'eslint-plugin-rxjs-x';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** The layers of lib/, with the other layers and the packages that each may import. Everything else is refused. */
const LAYERS = {
  core: { layers: [], packages: [] },
  operators: { layers: ['core'], packages: ['rxjs'] },
  adapters: { layers: ['operators', 'core'], packages: ['rxjs'] },
  index: { layers: ['adapters', 'operators', 'core'], packages: ['rxjs'] },
  testing: { layers: ['adapters', 'operators', 'core'], packages: ['rxjs', 'rxjs/testing'] },
  server: { layers: ['operators', 'core'], packages: ['rxjs'] },
  system: { layers: ['server', 'operators', 'core'], packages: ['rxjs', 'node:*'] },
  node: { layers: ['system', 'server', 'adapters', 'operators', 'core'], packages: ['rxjs', 'node:*'] },
  bun: { layers: ['system', 'server', 'operators', 'core'], packages: ['rxjs', 'node:*'] },
  cli: {
    layers: ['node', 'bun', 'system', 'server', 'adapters', 'operators', 'core'],
    packages: ['rxjs', 'node:*'],
  },
};
const policies = Object.entries(LAYERS).map(([type, { layers, packages }]) => ({
  from: type === 'index' ? { file: { categories: type } } : { element: { type } },
  allow: [type, ...layers]
    .map((layer) => ({ to: { element: { type: layer } } }))
    .concat(packages.map((name) => ({ to: { module: moduleOf(name) } }))),
}));

/** Makes a selector: `node:*` is all modules of Node.js, `rxjs` only that entry, `rxjs/testing` another entry. */
function moduleOf(name) {
  if (name === 'node:*') return { origin: 'core', source: 'node:*' };
  const [source, entry = null] = name.split('/');
  return { origin: 'external', source, internalPath: entry };
}

const ENGINE = ['lib/core/**/*.ts', 'lib/operators/**/*.ts'];
const PORTABLE = [
  ...ENGINE,
  'lib/adapters/**/*.ts',
  'lib/server/**/*.ts',
  'lib/testing/**/*.ts',
  'lib/index.ts',
];

const NODE_ONLY = 'Only lib/system, lib/node, lib/bun and lib/cli may know Node.js.';
const NO_PROMISES = 'The engine runs in virtual time: use Observables.';
const NO_SIGNALS = 'Cancel by unsubscribing.';
const NO_CLOCKS = 'The engine runs in virtual time: use a SchedulerLike that a test can replace.';

const nodeGlobals = ['Buffer', 'process', 'require', 'module', 'global', '__dirname', '__filename'];
const timers = [
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
  ...['requestAnimationFrame', 'requestIdleCallback'],
];
const CLOCK = 'performance';
const signals = ['AbortSignal', 'AbortController'];

const UNUSED = { argsIgnorePattern: '^_', varsIgnorePattern: '^_' };

/** Globals that scripts may use; `no-undef` reports all others. */
const SCRIPT_GLOBALS = [
  ...['console', 'process', 'Buffer', 'URL', 'URLSearchParams', 'TextEncoder', 'TextDecoder', 'performance'],
  ...['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'queueMicrotask'],
  ...[
    'fetch',
    'structuredClone',
    'Request',
    'Response',
    'Headers',
    'ReadableStream',
    'TextDecoderStream',
    'AbortController',
    'AbortSignal',
  ],
];

/** Globals of browsers, for the page of `rxscgi dev --inspect`. */
const PAGE_GLOBALS = [
  ...[
    'document',
    'window',
    'location',
    'navigator',
    'localStorage',
    'matchMedia',
    'history',
    'performance',
    'URL',
  ],
  ...[
    'EventSource',
    'ResizeObserver',
    'CSS',
    'Blob',
    'setTimeout',
    'clearTimeout',
    'setInterval',
    'clearInterval',
  ],
  ...['requestAnimationFrame', 'cancelAnimationFrame', 'getComputedStyle', 'HTMLElement', 'URLSearchParams'],
];

const restrict = (names, message) => names.map((name) => ({ name, message }));

// A later entry replaces the options of a rule, so that the options of the engine repeat those of PORTABLE.
const portable = {
  globals: restrict([...nodeGlobals, 'setImmediate'], NODE_ONLY),
  types: { Buffer: NODE_ONLY },
  syntax: [{ selector: 'TSQualifiedName > Identifier.left[name="NodeJS"]', message: NODE_ONLY }],
};
const PROMISING = ['firstValueFrom', 'lastValueFrom'];
const SETTLING = {
  selector: 'CallExpression > MemberExpression.callee[property.name=/^(then|toPromise)$/]',
  message: NO_PROMISES,
};
const engine = {
  globals: [
    ...restrict(nodeGlobals, NODE_ONLY),
    ...restrict([...timers, CLOCK], NO_CLOCKS),
    ...restrict(['Promise', 'fetch'], NO_PROMISES),
    ...restrict(signals, NO_SIGNALS),
  ],
  types: {
    ...portable.types,
    Promise: NO_PROMISES,
    PromiseLike: NO_PROMISES,
    ...Object.fromEntries(signals.map((name) => [name, NO_SIGNALS])),
  },
  syntax: [
    ...portable.syntax,
    { selector: ':function[async=true]', message: NO_PROMISES },
    { selector: 'AwaitExpression, ForOfStatement[await=true]', message: NO_PROMISES },
    { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: NO_CLOCKS },
    { selector: 'CallExpression[callee.name="Date"]', message: NO_CLOCKS },
    SETTLING,
  ],
  rxjs: PROMISING,
};
const { PromiseLike: _, ...typesButPromiseLike } = engine.types;
const structure = ({ globals, types, syntax, rxjs = [] }) => ({
  'no-restricted-globals': ['error', { globals, checkGlobalObject: true }],
  '@typescript-eslint/no-restricted-types': ['error', { types }],
  'no-restricted-syntax': ['error', ...syntax],
  'no-restricted-imports': [
    'error',
    { paths: rxjs.map((name) => ({ name: 'rxjs', importNames: [name], message: NO_PROMISES })) },
  ],
});

/** The files of the engine that may use Promises, because interfaces of the language have them: each only what it needs. */
const MEET_PROMISES = [
  {
    // A request body is an AsyncIterable, whose `next` and `return` give Promises; RxJS makes them from Observables.
    files: ['lib/operators/request/request-body.ts'],
    rules: structure({ ...engine, rxjs: PROMISING.filter((name) => name !== 'firstValueFrom') }),
  },
  {
    // A handler or a response body may return a Promise or an AsyncIterable, which are used here, but not made.
    files: ['lib/operators/response/{response-source,settle}.ts', 'lib/operators/exchange/handler-call.ts'],
    rules: structure({
      ...engine,
      types: typesButPromiseLike,
      syntax: engine.syntax.filter((each) => each !== SETTLING),
    }),
  },
];

/** The file of the engine that reads a clock, because the clock of a scheduler can be set back. */
const TELLS_THE_TIME = {
  files: ['lib/operators/exchange/clock.ts'],
  rules: structure({ ...engine, globals: engine.globals.filter(({ name }) => name !== CLOCK) }),
};

/** `request.signal` is for code outside of RxJS, and nothing in the engine listens to it: made in one file, named in the type. */
const SIGNALS = {
  files: ['lib/operators/request/request-signal.ts', 'lib/operators/types.ts'],
  rules: structure({
    ...engine,
    globals: engine.globals.filter(({ name }) => !signals.includes(name)),
    types: Object.fromEntries(Object.entries(engine.types).filter(([name]) => !signals.includes(name))),
  }),
};

/** RxJS 7 makes the results of operators by `lift`, which it calls internal: a class of Observables has no other way to keep to itself. */
const LIFTS = {
  files: ['lib/operators/request/derived-body.ts', 'lib/server/guarded-events.ts'],
  rules: { '@typescript-eslint/no-deprecated': 'off' },
};

export default defineConfig(
  // The packages of NestJS are not here, and a recipe imports rxscgi by its name: spec/examples compiles both.
  globalIgnores([
    'dist/',
    'coverage/',
    'docs/site/.vitepress/{cache,dist}/',
    'examples/nestjs/',
    'examples/recipes/*.ts',
  ]),
  js.configs.recommended,
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, rxjsX.configs.recommended],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      'max-lines': ['error', 300],
      // Numbers are fine in a message; the rule still reports objects and undefined.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `() => subscriber.complete()` is how RxJS is written.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // As in the compiler: an underscore marks a name that only holds a place.
      '@typescript-eslint/no-unused-vars': ['error', UNUSED],
      // The rule believes that a getter always gives the same answer; those of a state machine change.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // Two copies of the package may be in one process: objects are recognised by shape, not by class.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // An operator is a Subscriber in front of its destination, as in RxJS itself; the type is public.
      '@typescript-eslint/no-deprecated': [
        'error',
        { allow: ['destination', { from: 'package', package: 'rxjs', name: 'Subscriber' }] },
      ],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
    },
  },
  // The one that knows everybody: it must not grow again.
  { files: ['lib/operators/exchange/exchange.ts'], rules: { 'max-lines': ['error', 219] } },
  {
    files: ['lib/**/*.ts'],
    plugins: { boundaries },
    settings: {
      'import/resolver': { typescript: true },
      'boundaries/elements': Object.keys(LAYERS).map((type) => ({ type, pattern: `lib/${type}` })),
      'boundaries/files': [{ category: 'index', pattern: 'lib/index.ts' }],
      'boundaries/dependency-nodes': ['import', 'export', 'dynamic-import'],
      'boundaries/additional-dependency-nodes': [
        { name: 'import-type', selector: 'TSImportType > Literal', kind: 'type' },
        { name: 'import-equals', selector: 'TSExternalModuleReference > Literal', kind: 'value' },
      ],
    },
    rules: {
      'boundaries/no-unknown-files': 'error',
      'boundaries/dependencies': [
        'error',
        { default: 'disallow', checkAllOrigins: true, checkUnknownLocals: true, policies },
      ],
      'no-console': 'error',
    },
  },
  { files: ['lib/cli/**/*.ts'], rules: { 'no-console': 'off' } },
  { files: PORTABLE, rules: structure(portable) },
  {
    files: ENGINE,
    rules: {
      ...structure(engine),
      'no-restricted-properties': ['error', { object: 'Date', property: 'now', message: NO_CLOCKS }],
    },
  },
  ...MEET_PROMISES,
  TELLS_THE_TIME,
  LIFTS,
  SIGNALS,
  {
    files: ['spec/**/*.ts'],
    rules: {
      // A spec that finds nothing there fails, as it should.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Specs use handlers without `await`, and sources that fail with any value.
      '@typescript-eslint/require-await': 'off',
      'rxjs-x/throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      // `[...'abc']` is an alphabet, one item a character.
      '@typescript-eslint/no-misused-spread': 'off',
    },
  },
  { files: ['**/*.{js,cjs}'], languageOptions: { sourceType: 'commonjs' } },
  {
    files: ['lib/cli/inspect/page/**/*.js'],
    languageOptions: {
      sourceType: 'module',
      globals: Object.fromEntries(PAGE_GLOBALS.map((name) => [name, 'readonly'])),
    },
  },
  {
    files: ['**/*.{js,cjs,mjs}'],
    languageOptions: { globals: Object.fromEntries(SCRIPT_GLOBALS.map((name) => [name, 'readonly'])) },
    rules: { 'max-lines': ['error', 300], 'no-unused-vars': ['error', UNUSED] },
  },
);
