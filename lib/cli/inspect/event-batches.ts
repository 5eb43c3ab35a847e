/** Sends the events of an application's process to the command, in batches: few messages, and no queue without a bound. */
import { asyncScheduler, type Observable, type Observer, type SchedulerLike } from 'rxjs';
import type { InspectEvent } from '../../server/inspect/inspect-event.js';
import { withPlace, type PlacedEvent } from './error-place.js';
import { FREQUENT, type InspectBatch } from './inspect-record.js';

/** Between two batches, at least. */
const BATCH_MS = 50;

/** What waits while the command is busy. Events that say how an exchange goes on have room for so many more. */
const MAX_WAITING_EVENTS = 5000;
const SPARE_EVENTS = 5000;
const MAX_WAITING_BYTES = 4_194_304;

/**
 * Collects events.
 *
 *     events:  -ab--c-----d--        a, b: 50 ms
 *     sent:    ---(ab)---c----d      a batch goes out when the one before has been taken
 */
export class EventBatches implements Pick<Observer<InspectEvent>, 'next'> {
  private waiting: PlacedEvent[] = [];
  private waitingBytes = 0;
  private dropped = 0;
  private busy = false;

  /** @param send - emits, or completes, when the command has taken it. */
  constructor(
    private readonly send: (batch: InspectBatch) => Observable<unknown>,
    private readonly scheduler: SchedulerLike = asyncScheduler,
  ) {}

  next(told: InspectEvent): void {
    const event = withPlace(told);
    const bytes = sizeOf(event);
    const maxEvents = MAX_WAITING_EVENTS + (FREQUENT.has(event.type) ? 0 : SPARE_EVENTS);
    if (this.waiting.length >= maxEvents || this.waitingBytes + bytes > MAX_WAITING_BYTES) {
      this.dropped++;
      return;
    }
    this.waiting.push(event);
    this.waitingBytes += bytes;
    this.schedule();
  }

  private schedule(): void {
    if (this.busy) return;
    this.busy = true;
    this.scheduler.schedule(() => this.flush(), BATCH_MS);
  }

  private flush(): void {
    const { waiting: events, dropped } = this;
    this.waiting = [];
    this.waitingBytes = this.dropped = 0;
    const originMs = this.scheduler.now() - (events.at(-1)?.at ?? 0);
    this.send({ originMs, events, dropped }).subscribe({
      complete: () => {
        this.busy = false;
        if (this.waiting.length > 0) this.schedule();
      },
    });
  }
}

/** About the characters of its JSON. */
function sizeOf(event: InspectEvent): number {
  const pairs = 'variables' in event ? event.variables : 'headers' in event ? event.headers : [];
  const texts =
    event.type === 'error' ? [event.message, event.received] : 'text' in event ? [event.text] : [];
  const rest = texts.reduce((sum, text) => sum + (text?.length ?? 0), 100);
  return pairs.reduce((sum, [name, value]) => sum + name.length + value.length + 6, rest);
}
