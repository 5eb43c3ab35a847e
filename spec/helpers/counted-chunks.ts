import { from, type Observable } from 'rxjs';

/** A synchronous source without an end, and how often it was pulled. */
export class CountedChunks<T> {
  count = 0;
  readonly chunks: Observable<T>;

  /** @param most - where it ends all the same, so that a spec fails rather than hangs. */
  constructor(first: T, rest: T = first, most = 1000) {
    this.chunks = from(this.generate(first, rest, most));
  }

  private *generate(first: T, rest: T, most: number): Iterable<T> {
    while (this.count < most) yield this.count++ === 0 ? first : rest;
  }
}
