import { DenseSet, type Member } from '../../lib/server/dense-set.js';

interface Named extends Member {
  readonly name: string;
}

const member = (name: string): Named => ({ name, setIndex: -1 });

describe('DenseSet', () => {
  const names = (set: DenseSet<Named>): string =>
    set
      .snapshot()
      .map(({ name }) => name)
      .sort()
      .join('');

  it('should hold what was added, once', () => {
    const set = new DenseSet<Named>();
    const [a, b] = [member('a'), member('b')];
    set.add(a);
    set.add(b);
    set.add(a);
    expect([set.size, names(set)]).toEqual([2, 'ab']);
  });

  it.each(['a', 'b', 'c', 'd'])('should delete %s and nothing else', (name) => {
    const set = new DenseSet<Named>();
    const all = ['a', 'b', 'c', 'd'].map(member);
    for (const one of all) set.add(one);
    const lost = all.find((one) => one.name === name) as Named;
    expect(set.delete(lost)).toBe(true);
    expect(set.delete(lost)).toBe(false);
    expect([set.size, names(set)]).toEqual([3, 'abcd'.replace(name, '')]);
    // What was moved into its place can go as well.
    for (const one of all) expect(set.delete(one)).toBe(one !== lost);
    expect(set.size).toBe(0);
  });

  it('should accept again what it has lost', () => {
    const set = new DenseSet<Named>();
    const a = member('a');
    set.add(a);
    set.delete(a);
    set.add(a);
    expect(names(set)).toBe('a');
  });

  it('should give a snapshot that later changes do not touch', () => {
    const set = new DenseSet<Named>();
    const [a, b] = [member('a'), member('b')];
    set.add(a);
    set.add(b);
    const before = set.snapshot();
    set.delete(a);
    expect(before).toEqual([a, b]);
  });
});
