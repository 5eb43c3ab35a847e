/** Specs that need programs which are not on every machine. */
import { findExecutable } from './peers/find-executable.js';

/**
 * Describes what needs these programs; where one is missing it is skipped by name, unless RXSCGI_PEERS=required says that
 * they must be there.
 */
export function describeWith(programs: readonly string[], title: string, specs: () => void): void {
  const missing = programs.filter((name) => findExecutable(name) === undefined).join(', ');
  if (missing === '') {
    describe(title, specs);
  } else if (process.env.RXSCGI_PEERS === 'required') {
    it(`${title}: should find ${missing} installed`, () => {
      throw new Error(`${missing} is not installed, and RXSCGI_PEERS=required says that it must be`);
    });
  } else {
    // Jest's summary counts what is skipped, but does not name it.
    process.stderr.write(`skipped, since ${missing} is not installed: ${title}\n`);
    describe.skip(`${title} (${missing} is not installed)`, specs);
  }
}
