/** A Jest reporter that writes the counts of its run to the file RXSCGI_RESULTS, as the last line of .ci/run. */
const { writeFileSync } = require('node:fs');

module.exports = class CountReporter {
  onRunComplete(_contexts, results) {
    // A suite that cannot be loaded has no failed tests, but is a failure.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const line = `${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`;
    writeFileSync(process.env.RXSCGI_RESULTS, line);
  }
};
