import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { descriptorBudget } from '../../lib/node/descriptor-budget.js';

const onLinux = existsSync('/proc/self/limits');

describe('descriptorBudget', () => {
  it('should leave room below the limit of open files, where the system tells it', () => {
    if (!onLinux) {
      expect(descriptorBudget()).toBe(Infinity);
      return;
    }
    const limit = Number(execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }));
    if (Number.isNaN(limit)) {
      expect(descriptorBudget()).toBe(Infinity);
      return;
    }
    expect(descriptorBudget()).toBeGreaterThan(0);
    expect(descriptorBudget()).toBeLessThan(limit - 32);
  });
});
