/** A scheduler for timeouts of a second or more, of which there are thousands, and hardly any expire. */
import {
  Subscription,
  asyncScheduler,
  type SchedulerAction,
  type SchedulerLike,
  type Unsubscribable,
} from 'rxjs';
import { isVirtualTime } from '../../operators/exchange/clock.js';
import type { TimedTask } from '../../operators/exchange/idle-timer.js';
import { REAL_TIME, SWEPT_MS } from './real-time.js';

type Work<T> = (this: SchedulerAction<T>, state?: T) => void;

/**
 * Runs timeouts of a second or more at almost no cost. They may be late by 110 ms.
 *
 * `asyncScheduler`, the default of RxJS, makes a timer of the system for each action. This scheduler looks through all of its
 * actions every 100 ms, so that to schedule one, and to cancel it, costs almost nothing. Give it to `timeout` where each
 * connection or request has one:
 *
 *     timeout({ first: 10_000, scheduler: coarseScheduler })
 *
 * - An action with a delay of less than a second is one of `asyncScheduler`, and exact.
 * - The time is measured by a monotonic clock: to set the wall clock changes no delay. `now()` is the wall clock, as that of `asyncScheduler`.
 * - After the event loop was busy, sockets are read before an action runs: a timeout does not count as missing what has come.
 * - A delay may be longer than the 24.8 days of the system's timers. An action with a delay of `Infinity` never runs.
 * - The process stays alive while an action waits, except for one that never runs.
 *
 * In a marble test (`TestScheduler.run`) the time is virtual, and actions are exact to the frame.
 *
 * @example
 * ```ts
 * import { decodeScgi, encodeScgi, errorAnswer } from 'rxscgi';
 * import { coarseScheduler, listen, usingSocket } from 'rxscgi/node';
 * import { mergeMap, of, timeout } from 'rxjs';
 *
 * listen('127.0.0.1:4000')
 *   .pipe(
 *     mergeMap((socket) =>
 *       usingSocket(socket, (bytes, flow) =>
 *         bytes.pipe(
 *           decodeScgi({ flow }),
 *           timeout({ first: 10_000, scheduler: coarseScheduler }),
 *           mergeMap(({ path }) => of({ body: path })),
 *           encodeScgi({ flow, answer: errorAnswer }),
 *         ),
 *       ),
 *     ),
 *   )
 *   .subscribe();
 * ```
 */
export const coarseScheduler: SchedulerLike = {
  now: () => asyncScheduler.now(),
  schedule<T>(work: Work<T>, delay = 0, state?: T): Subscription {
    if (isSwept(delay) && !isVirtualTime()) return new CoarseAction(work).schedule(state, delay);
    return asyncScheduler.schedule(work, delay, state);
  },
};

/** `false` for NaN, too. */
function isSwept(delay: number): boolean {
  return delay >= SWEPT_MS;
}

/** Its own subscription and its own timer: one object for each time that something is scheduled. */
class CoarseAction<T> extends Subscription implements SchedulerAction<T>, TimedTask {
  setIndex = -1;
  action: Unsubscribable | undefined;
  private due = 0;
  private state: T | undefined;

  constructor(private work: Work<T> | undefined) {
    super();
  }

  /** Schedules the work again, in place of when it was to run. */
  schedule(state?: T, delay = 0): this {
    if (this.closed) return this;
    REAL_TIME.stop(this);
    this.state = state;
    if (!isSwept(delay)) {
      this.action = asyncScheduler.schedule(() => this.run(), delay);
    } else if (delay !== Infinity) {
      this.due = REAL_TIME.now() + delay;
      REAL_TIME.start(this, delay);
    }
    return this;
  }

  check(asOf: number): void {
    if (asOf >= this.due) this.run();
  }

  override unsubscribe(): void {
    if (this.closed) return;
    REAL_TIME.stop(this);
    // Code that keeps this subscription keeps nothing else alive.
    this.work = this.state = undefined;
    super.unsubscribe();
  }

  private run(): void {
    REAL_TIME.stop(this);
    try {
      this.work?.(this.state);
    } catch (error) {
      REAL_TIME.stop(this);
      // Not here, where it would end the sweep.
      asyncScheduler.schedule(() => {
        this.unsubscribe();
        throw error;
      });
    }
  }
}
