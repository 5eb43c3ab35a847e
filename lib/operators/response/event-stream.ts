/** The body of a response that is an event stream: text for each event, and comments while there is none. */
import { Observable, map, type ObservableInput, type SchedulerLike } from 'rxjs';
import { IdleTimer, ScheduledTimekeeper } from '../exchange/idle-timer.js';
import type { BodyChunk } from '../types.js';
import type { Streaming } from './body-chunk.js';
import { PULLED, pulledSource, type ChunkTaker, type PulledSource } from './response-source.js';
import { subscribeToInput } from './settle.js';

/** Marks a body that ends by itself when the server drains; registered, so that copies of the package agree. */
export const ENDS_WHEN_DRAINING = Symbol.for('rxscgi.ends-when-draining');

/** A comment, which shows that the connection is alive. Recognised by identity: it is not queued for a slow reader. */
export const HEARTBEAT: Uint8Array = Uint8Array.of(0x3a, 0x0a, 0x0a);

/** What an event stream is made of. */
export interface EventStreamInit<T> {
  readonly source: ObservableInput<T>;
  /** Text of an event. May throw. */
  readonly write: (event: T) => string;
  /** Goes out first; may be empty. */
  readonly preamble: string;
  readonly heartbeatMs: number;
  readonly scheduler: SchedulerLike;
}

/** Pushes what an Observable or a Promise gives; a source that can be pulled is pulled. */
export class EventStream<T> extends Observable<BodyChunk> {
  readonly [ENDS_WHEN_DRAINING] = true;

  constructor(private readonly init: EventStreamInit<T>) {
    super((subscriber) => {
      const { source, write, preamble } = init;
      const timer = heartbeatOf(init, () => subscriber.next(HEARTBEAT));
      subscriber.add(() => timer.stop());
      if (preamble !== '') subscriber.next(preamble);
      if (subscriber.closed) return;
      timer.start();
      new Observable<T>((events) => subscribeToInput(source, events))
        .pipe(
          map((event) => {
            timer.touch();
            return write(event);
          }),
        )
        .subscribe(subscriber);
    });
  }

  /** A pulled source of the same text, unless the events are pushed. */
  [PULLED](taker: ChunkTaker): PulledSource | undefined {
    const pulled = new PulledEvents(this.init, taker);
    return pulled.pushes ? undefined : pulled;
  }
}

/** Asks for the next event when text is asked for. A heartbeat may come first; then the event is still on its way. */
class PulledEvents<T> implements PulledSource, ChunkTaker {
  readonly reusesBuffers = false;
  private readonly events: PulledSource | undefined;
  private readonly timer: IdleTimer;
  private begun = false;
  /** Whether text is asked for. */
  private wanted = false;
  /** Whether an event is asked for. */
  private asked = false;
  private closed = false;

  constructor(
    private readonly init: EventStreamInit<T>,
    private readonly taker: ChunkTaker,
  ) {
    this.events = pulledSource(init.source as Streaming, this);
    this.timer = heartbeatOf(init, () => {
      if (this.wanted) this.give(HEARTBEAT);
    });
  }

  get pushes(): boolean {
    return this.events === undefined;
  }

  // ---- PulledSource

  pull(): void {
    this.wanted = true;
    if (!this.begun) {
      this.begun = true;
      this.timer.start();
      if (this.init.preamble !== '') {
        this.give(this.init.preamble);
        return;
      }
    }
    if (this.asked) return;
    this.asked = true;
    this.events?.pull();
  }

  close(): void {
    this.closed = true;
    this.timer.stop();
    this.events?.close();
  }

  // ---- what the events' source gives

  next(event: unknown): void {
    if (this.closed) return;
    this.asked = false;
    let text: string;
    try {
      text = this.init.write(event as T);
    } catch (fault) {
      this.error(fault);
      return;
    }
    this.timer.touch();
    this.give(text);
  }

  error(error: unknown): void {
    this.timer.stop();
    if (!this.closed) this.taker.error(error);
  }

  complete(): void {
    this.timer.stop();
    if (!this.closed) this.taker.complete();
  }

  private give(chunk: BodyChunk): void {
    this.wanted = false;
    this.taker.next(chunk);
  }
}

/** Beats each time that nothing has been sent for a while. */
function heartbeatOf<T>({ scheduler, heartbeatMs }: EventStreamInit<T>, beat: () => void): IdleTimer {
  const timer = new IdleTimer(new ScheduledTimekeeper(scheduler), heartbeatMs, () => {
    // Before the beat, which may end the stream.
    timer.start();
    beat();
  });
  return timer;
}
