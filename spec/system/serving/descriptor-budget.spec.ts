import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { DescriptorBudget } from '../../../lib/system/serving/descriptor-budget.js';
import { afterwards, cleanUpSockets } from '../../helpers/sockets/sockets.js';

const onLinux = existsSync('/proc/self/limits');

cleanUpSockets();

/** A budget of a process whose time and open files are the test's. */
class TestBudget {
  counts = 0;
  private readonly clock = jest.spyOn(performance, 'now').mockReturnValue(0);
  readonly budget: DescriptorBudget;

  constructor(
    limit: number,
    public open: number,
    countingMs = 0,
  ) {
    afterwards(() => this.clock.mockRestore());
    const count = (): number => {
      this.counts++;
      this.nowMs += countingMs;
      if (this.open >= limit) throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
      return this.open;
    };
    this.budget = new DescriptorBudget(limit, count);
  }

  get nowMs(): number {
    return performance.now();
  }

  set nowMs(ms: number) {
    this.clock.mockReturnValue(ms);
  }

  /** How many connections get in, if there are so many already. */
  admits(connections = 0): number {
    let count = connections;
    while (count < 1e6 && this.budget.hasRoom(count)) {
      count++;
      this.open++;
    }
    return count - connections;
  }
}

describe('DescriptorBudget', () => {
  it('should find the limit of open files, where the system reports it, and the open ones', () => {
    const budget = new DescriptorBudget();
    const limit = onLinux ? Number(execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' })) : NaN;
    expect(budget.limit).toBe(Number.isNaN(limit) ? Infinity : limit);
    expect(budget.hasRoom(0)).toBe(true);
    expect(budget.isUsedUp(0)).toBe(false);
    if (budget.limit === Infinity) return;
    const before = budget.open;
    expect(before).toBeGreaterThan(3);
    const descriptor = openSync(process.execPath, 'r');
    budget.isUsedUp(0);
    expect(budget.open).toBe(before + 1);
    closeSync(descriptor);
  });

  it('should leave 32 descriptors for everything else', () => {
    expect(new TestBudget(100, 20).admits()).toBe(48);
  });

  it('should notice what else is opened and closed', () => {
    const process = new TestBudget(100, 30);
    expect(process.budget.hasRoom(10)).toBe(true);
    process.open += 50;
    process.nowMs += 99;
    expect(process.budget.hasRoom(10)).toBe(true);
    process.nowMs += 1;
    expect(process.budget.hasRoom(10)).toBe(false);
    process.open -= 50;
    process.nowMs += 100;
    expect(process.budget.hasRoom(10)).toBe(true);
  });

  it('should notice what two budgets open at the same time', () => {
    const process = new TestBudget(1000, 20);
    const other = new DescriptorBudget(1000, () => process.open);
    let connections = 0;
    while (process.budget.hasRoom(connections) && other.hasRoom(connections)) {
      connections++;
      process.open += 2;
    }
    expect(process.open).toBeGreaterThan(900);
    expect(process.open).toBeLessThan(1000);
  });

  it('should admit one connection however little is left', () => {
    const process = new TestBudget(100, 99);
    expect(process.budget.hasRoom(0)).toBe(true);
    expect(process.budget.hasRoom(1)).toBe(false);
    expect(process.budget.isUsedUp(0)).toBe(false);
    process.open = 100;
    expect(process.budget.isUsedUp(0)).toBe(true);
  });

  it('should count seldom', () => {
    const process = new TestBudget(100_000, 20);
    expect(process.admits()).toBeGreaterThan(99_900);
    expect(process.counts).toBeLessThan(100);
    const busy = new TestBudget(1024, 20);
    for (let exchange = 0; exchange < 7000; exchange++) {
      busy.nowMs += 1 / 7;
      expect(busy.budget.hasRoom(exchange % 10)).toBe(true);
    }
    expect(busy.counts).toBeLessThanOrEqual(11);
  });

  it('should count less often the longer it takes', () => {
    const process = new TestBudget(20_000, 9000, 10);
    for (let ms = 0; ms < 2000; ms++) {
      process.nowMs += 1;
      process.budget.hasRoom(0);
    }
    expect(process.counts).toBe(2);
  });

  it('should never count where there is no limit', () => {
    const process = new TestBudget(Infinity, 1e6);
    expect(process.budget.hasRoom(1e6)).toBe(true);
    expect(process.budget.isUsedUp(1e6)).toBe(false);
    expect(process.counts).toBe(0);
  });
});
