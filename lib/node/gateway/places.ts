/** Limits how many requests have a connection to the application, and how many wait for one. */
import { ScgiLimitError } from '../../core/errors/errors.js';

export class Places {
  private taken = 0;
  /** A Set keeps the order, and removes from the middle at no cost. */
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly maxConnections: number,
    private readonly maxWaiting: number,
  ) {}

  /**
   * Calls `start` when there is a place: at once, or later.
   *
   * @returns a function that gives the place back, or leaves the queue.
   * @throws ScgiLimitError ERR_SCGI_TOO_MANY_CONNECTIONS when too many wait.
   */
  take(start: () => void): () => void {
    const { maxConnections, maxWaiting, waiting } = this;
    let isOver = false;
    const release = (): void => {
      if (isOver) return;
      isOver = true;
      if (!waiting.delete(begin)) this.next();
    };
    const begin = (): void => {
      waiting.delete(begin);
      this.taken++;
      start();
    };
    if (this.taken < maxConnections) begin();
    else if (waiting.size < maxWaiting) waiting.add(begin);
    else throw this.tooMany('and are as many as may');
    return release;
  }

  /** Makes the error for a request that gets no place. */
  tooMany(why: string): ScgiLimitError {
    const { maxConnections, taken, waiting } = this;
    const message = `${taken} requests are with the application (maxConnections), ${waiting.size} wait (maxWaiting) ${why}`;
    return new ScgiLimitError('ERR_SCGI_TOO_MANY_CONNECTIONS', message, maxConnections, maxConnections + 1);
  }

  private next(): void {
    this.taken--;
    const [first] = this.waiting;
    first?.();
  }
}
