import { from, type Observable } from 'rxjs';

/** Where a source without an end ends all the same, so that a spec fails rather than hangs. */
const MOST = 1000;

/** A synchronous source without an end, and how often it was pulled. */
export class CountedChunks<T> {
  count = 0;
  readonly iterable: Iterable<T>;
  readonly chunks: Observable<T>;

  constructor(first: T, rest: T = first) {
    this.iterable = this.generate(first, rest);
    this.chunks = from(this.iterable);
  }

  private *generate(first: T, rest: T): Iterable<T> {
    while (this.count < MOST) yield this.count++ === 0 ? first : rest;
  }
}
