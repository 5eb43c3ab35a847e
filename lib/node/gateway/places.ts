/** Limits how many requests have a connection to the application, and how many wait for one. */
import { ScgiLimitError } from '../../core/errors.js';

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
    else throw tooMany(maxConnections, maxWaiting);
    return release;
  }

  private next(): void {
    this.taken--;
    const [first] = this.waiting;
    first?.();
  }
}

function tooMany(maxConnections: number, maxWaiting: number): ScgiLimitError {
  const limit = maxConnections + maxWaiting;
  return new ScgiLimitError(
    'ERR_SCGI_TOO_MANY_CONNECTIONS',
    `${maxConnections} requests are with the application (maxConnections) and ${maxWaiting} wait (maxWaiting)`,
    limit,
    limit + 1,
  );
}
