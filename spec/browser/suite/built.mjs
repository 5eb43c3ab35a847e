/** The portable entries as they were built: the cases that every runtime passes. */
/* global describe, it */
import { engineCases } from '../../runtimes/smoke/engine.mjs';

describe('the built package', () => {
  for (const [name, run] of engineCases) it(name, run);
});
