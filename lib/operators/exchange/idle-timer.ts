/** Timeouts that cost a busy connection no more than reading the clock. */
import { asyncScheduler, type SchedulerLike, type Unsubscribable } from 'rxjs';
import type { FlowState } from '../flow/flow.js';
import { clockOf } from './clock.js';
import { checkAfter, type Clock } from './lateness.js';

/** Tells timers that their time may be over: by an action for each timer, or by one sweep over all of them. */
export interface Timekeeper {
  now(): number;
  /** Makes `timer.check` be called once `ms` have passed. */
  start(timer: TimedTask, ms: number): void;
  stop(timer: TimedTask): void;
}

/** What a timekeeper runs. The first two fields are the timekeeper's own. */
export interface TimedTask {
  /** Where it is kept; -1 outside of a sweep. */
  setIndex: number;
  action: Unsubscribable | undefined;
  /** Does what is due, if the time is over. @param asOf - the time that counts. */
  check(asOf: number): void;
}

/** Calls back once `ms` have passed without a `touch`. */
export class IdleTimer implements TimedTask {
  setIndex = -1;
  action: Unsubscribable | undefined;
  private since = 0;

  /** @param onExpired - may be left out by a class that overrides `expired`. */
  constructor(
    private readonly keeper: Timekeeper,
    private ms: number,
    private readonly onExpired?: () => void,
  ) {}

  /** Sets another time, for when the timer is started next. */
  stopAndSet(ms: number): void {
    this.stop();
    this.ms = ms;
  }

  start(): void {
    if (this.ms === Infinity) return;
    this.touch();
    this.keeper.start(this, this.ms);
  }

  /** Starts the time anew. */
  touch(): void {
    this.since = this.keeper.now();
  }

  stop(): void {
    this.keeper.stop(this);
  }

  /** Called by the timekeeper: expires, or waits for the rest of the time. @param asOf - the time that counts. */
  check(asOf: number): void {
    const left = this.since + this.ms - asOf;
    if (left > 0) {
      this.keeper.start(this, left);
      return;
    }
    this.keeper.stop(this);
    this.expired();
  }

  /** The time is over. */
  protected expired(): void {
    this.onExpired?.();
  }
}

/** Schedules an action for each timer: exact to the frame, so that marble tests can assert it. */
export class ScheduledTimekeeper implements Timekeeper {
  readonly now: () => number;
  private readonly clock: Clock;

  constructor(scheduler: SchedulerLike) {
    this.now = clockOf(scheduler);
    this.clock = { now: this.now, schedule: (work, ms) => scheduler.schedule(work, ms) };
  }

  start(timer: TimedTask, ms: number): void {
    // A running timer notices by itself, when it fires, that it was touched.
    timer.action ??= checkAfter(this.clock, ms, (asOf) => {
      timer.action = undefined;
      timer.check(asOf);
    });
  }

  stop(timer: TimedTask): void {
    timer.action?.unsubscribe();
    timer.action = undefined;
  }
}

/** Measures by a scheduler; where that is the default one, as the connection does: an action of `asyncScheduler` is a timer of its own. */
export function timekeeperOf(scheduler: SchedulerLike, flow: FlowState | undefined): Timekeeper {
  return (scheduler === asyncScheduler && flow?.keeper) || new ScheduledTimekeeper(scheduler);
}
