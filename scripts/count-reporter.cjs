/** A Jest reporter that writes the counts of its run to the folder RXSCGI_RESULTS, for scripts/sum-results.mjs. */
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

module.exports = class CountReporter {
  onRunComplete(_contexts, results) {
    const figures = {
      passed: results.numPassedTests,
      // A suite that cannot be loaded has no failed tests, but is a failure.
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
    };
    writeFileSync(join(process.env.RXSCGI_RESULTS, `${process.pid}.json`), JSON.stringify(figures));
  }
};
