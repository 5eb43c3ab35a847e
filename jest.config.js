/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/spec'],
  testMatch: ['**/*.spec.ts'],
  // Specs wait for events. This only ends one that waits in vain, on however busy a machine.
  testTimeout: 60_000,
  // Sources import './x.js', as published ESM must; the specs run the TypeScript file itself.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'spec/tsconfig.json' }] },
  // .ci/run sums what the three runs of `npm test` count.
  reporters: process.env.RXSCGI_RESULTS ? ['default', '<rootDir>/scripts/count-reporter.cjs'] : ['default'],
};
