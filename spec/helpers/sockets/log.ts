/** What an Observable does in real time: everything that came so far, and promises of what is to come. */
import type { Observable, Subscription } from 'rxjs';
import { afterwards } from './sockets.js';

export class Log<T> {
  /** What came so far. */
  readonly values: T[] = [];
  /** `'complete'`, or the error; `undefined` until then. */
  ending: unknown;
  private readonly subscription: Subscription;
  private waiting: (() => void)[] = [];

  /** Subscribes; unsubscribes after the test at the latest. */
  constructor(source: Observable<T>) {
    this.subscription = source.subscribe({
      next: (value) => {
        this.values.push(value);
        this.wake();
      },
      error: (error: unknown) => this.end(error),
      complete: () => this.end('complete'),
    });
    afterwards(() => this.subscription.unsubscribe());
  }

  unsubscribe(): void {
    this.subscription.unsubscribe();
  }

  /** Waits for the end, and gives it. */
  async over(): Promise<unknown> {
    while (this.ending === undefined) await this.change();
    return this.ending;
  }

  /** Waits for the first value that fits, among those that have come as well. @throws when the end comes first. */
  async value<S extends T>(test: (value: T) => value is S): Promise<S>;
  async value(test: (value: T) => boolean): Promise<T>;
  async value(test: (value: T) => boolean): Promise<T> {
    for (let index = 0; ; index++) {
      while (index === this.values.length) {
        if (this.ending !== undefined) throw new Error('it ended first', { cause: this.ending });
        await this.change();
      }
      const value = this.values[index] as T;
      if (test(value)) return value;
    }
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private end(ending: unknown): void {
    this.ending = ending;
    this.wake();
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
