/** Timeouts in virtual or real time, of which a busy one costs no more than a look at the clock. */
import type { SchedulerLike, Subscription } from 'rxjs';

/** Calls back once `ms` have gone by without a `touch`. One scheduled action at a time, however many touches. */
export class IdleTimer {
  private action: Subscription | undefined;
  private since = 0;

  constructor(
    private readonly scheduler: SchedulerLike,
    private readonly ms: number,
    private readonly expired: () => void,
  ) {}

  start(): void {
    if (this.ms === Infinity) return;
    this.touch();
    // One that runs finds out by itself when it goes off that it was touched.
    if (this.action === undefined) this.schedule(this.ms);
  }

  /** Something came: the time runs anew. */
  touch(): void {
    this.since = this.scheduler.now();
  }

  stop(): void {
    this.action?.unsubscribe();
    this.action = undefined;
  }

  private schedule(ms: number): void {
    this.action = this.scheduler.schedule(() => {
      const left = this.since + this.ms - this.scheduler.now();
      this.action = undefined;
      if (left > 0) this.schedule(left);
      else this.expired();
    }, ms);
  }
}
