/** Where the values of a header block start. */

/** By name, in wire order; a `Map` is one. */
export interface ValueStarts {
  readonly size: number;
  has(name: string): boolean;
  get(name: string): number | undefined;
  keys(): Iterable<string>;
}

/** For names whose order is known: only the starts are the block's own. */
export class OrderedStarts implements ValueStarts {
  /**
   * @param order - each name's place among the names.
   * @param starts - by place.
   */
  constructor(
    private readonly order: ReadonlyMap<string, number>,
    private readonly starts: readonly number[],
  ) {}

  get size(): number {
    return this.order.size;
  }

  has(name: string): boolean {
    return this.order.has(name);
  }

  get(name: string): number | undefined {
    const place = this.order.get(name);
    return place === undefined ? undefined : this.starts[place];
  }

  keys(): Iterable<string> {
    return this.order.keys();
  }
}
