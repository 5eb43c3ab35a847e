const { availableParallelism } = require('node:os');

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/spec'],
  // The runtimes and frameworks that some specs install.
  modulePathIgnorePatterns: ['<rootDir>/spec/.*/node_modules/'],
  testMatch: ['**/*.spec.ts'],
  // Specs wait for events. This limit is only for a spec that waits in vain, on a machine however busy: no file sets a shorter one.
  testTimeout: 60_000,
  // More than there are cores, as many specs wait for processes that they have started.
  maxWorkers: Math.ceil(1.5 * availableParallelism()),
  testSequencer: '<rootDir>/scripts/long-first.cjs',
  moduleNameMapper: {
    // Sources import './x.js', as ESM requires; the specs run the TypeScript file.
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // RxJS in one file instead of 240: each spec file loads it anew.
    '^rxjs$': '<rootDir>/node_modules/rxjs/dist/bundles/rxjs.umd.js',
    '^rxjs/testing$': '<rootDir>/spec/helpers/virtual-time/rxjs-testing.js',
  },
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'spec/tsconfig.json' }] },
  // .ci/run prints the counts as its last line.
  reporters: process.env.RXSCGI_RESULTS ? ['default', '<rootDir>/scripts/count-reporter.cjs'] : ['default'],
};
