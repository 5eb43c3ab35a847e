/**
 * The order of the specs: first those that start processes, which wait more than they compute, so that the linter and the compiler, which
 * run beside them, have the processors meanwhile, and the end is not a wait for one of them.
 */
const { default: Sequencer } = require('@jest/test-sequencer');
const { relative } = require('node:path');

const WITH_PROCESSES =
  /^spec\/(?:package|runtimes|frameworks|test-runners|browser|cli|interop|docs|examples)\//;

module.exports = class LongFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path, context }) => Number(!WITH_PROCESSES.test(relative(context.config.rootDir, path)));
    // The order among equals stays: as long as they took the last time, or as large as they are.
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
};
