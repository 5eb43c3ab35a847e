import { test } from 'vitest';
import * as testing from '../../dist/esm/testing/index.js';
import cases from './cases.cjs';

for (const [name, run] of cases.casesOf(testing)) test(name, run);
test(cases.MUST_FAIL, cases.failingCaseOf(testing));
