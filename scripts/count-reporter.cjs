/** A Jest reporter that leaves its run's figures in the directory RXSCGI_RESULTS, for scripts/sum-results.mjs. */
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

module.exports = class CountReporter {
  onRunComplete(_contexts, results) {
    const figures = {
      passed: results.numPassedTests,
      // A suite that fails to compile or load has no failed tests, but is a failure.
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
    };
    writeFileSync(join(process.env.RXSCGI_RESULTS, `${process.pid}.json`), JSON.stringify(figures));
  }
};
