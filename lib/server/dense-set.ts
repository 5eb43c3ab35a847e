/** A set for things that come and go by the thousand. */

/** Something that knows its place in a {@link DenseSet}. */
export interface Member {
  /** Set by the set; -1 outside of it. */
  setIndex: number;
}

/**
 * A set with constant-time `add` and `delete`, as a dense array.
 *
 * Not a `Set`: its hash table is replaced after every few deletions, and V8 keeps each old table, and what was in it,
 * until the next full collection. For connections that made half of all young objects survive (garbage collection took
 * 24 % of the time instead of 14 %).
 */
export class DenseSet<M extends Member> {
  private readonly members: M[] = [];

  get size(): number {
    return this.members.length;
  }

  add(member: M): void {
    if (member.setIndex < 0) member.setIndex = this.members.push(member) - 1;
  }

  /** @returns whether it was there. */
  delete(member: M): boolean {
    const index = member.setIndex;
    if (index < 0) return false;
    member.setIndex = -1;
    const last = this.members.pop() as M;
    if (last !== member) {
      this.members[index] = last;
      last.setIndex = index;
    }
    return true;
  }

  /** The members at the time of the call: they may leave while the caller goes through them. */
  snapshot(): readonly M[] {
    return this.members.slice();
  }
}
