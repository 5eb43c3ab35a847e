/** Runs a marble test that the live view has written, as Jest would. */
import * as rxscgi from '../../../lib/index.js';
import * as testing from '../../../lib/testing/index.js';

const MODULES: Readonly<Record<string, object>> = { rxscgi, 'rxscgi/testing': testing };

/** Throws what the test throws, and returns the titles of what has run. */
export function runMarbleTest(text: string): string[] {
  const titles: string[] = [];
  const run = (title: string, test: () => void): void => {
    test();
    titles.push(title);
  };
  const script = text.replace(/^import (\{.*\}) from ('.*');$/gm, 'const $1 = load($2);');
  const load = (name: string): object | undefined => MODULES[name];
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  new Function('it', 'load', `'use strict';\n${script}`)(run, load);
  return titles;
}
