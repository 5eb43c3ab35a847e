/** Requests without a pause, each on a connection of its own. */
import { afterwards } from './sockets.js';

export class Load {
  /** What was answered so far. */
  readonly answers: string[] = [];
  /** What went wrong so far. */
  readonly failures: string[] = [];
  private running = true;
  private readonly clients: readonly Promise<void>[];
  private waiting: (() => void)[] = [];

  /**
   * @param ask - one exchange.
   * @param clients - how many go on at once.
   */
  constructor(ask: () => Promise<string>, clients = 4) {
    this.clients = Array.from({ length: clients }, () => this.run(ask));
    afterwards(() => (this.running = false));
  }

  /** Waits until so many more are answered. */
  async more(count: number): Promise<void> {
    const enough = this.answers.length + count;
    while (this.answers.length < enough) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Waits for those under way. */
  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.clients);
  }

  private async run(ask: () => Promise<string>): Promise<void> {
    while (this.running) {
      await ask().then(
        (answer) => this.answers.push(answer),
        (error: unknown) => this.failures.push(String(error)),
      );
      for (const resolve of this.waiting.splice(0)) resolve();
    }
  }
}
