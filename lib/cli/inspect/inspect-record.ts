/**
 * Remembers what the application's connections did, within bounds, and tells those who watch.
 *
 * Events are kept as JSON: that is what goes out, and its length is what they take.
 */
import { Subject, type Observable } from 'rxjs';
import type { InspectEvent } from '../../server/inspect/inspect-event.js';
import type { PlacedEvent } from './error-place.js';

/** Bounds of a record. Bytes are characters of JSON. */
export interface RecordLimits {
  readonly maxExchanges: number;
  readonly maxEventsPerExchange: number;
  readonly maxBytesPerExchange: number;
  readonly maxBytes: number;
  /** Of the messages that a page may have missed while it connects again. */
  readonly maxReplayBytes: number;
}

const LIMITS: RecordLimits = {
  maxExchanges: 500,
  maxEventsPerExchange: 1000,
  maxBytesPerExchange: 262_144,
  maxBytes: 4_194_304,
  maxReplayBytes: 1_048_576,
};

/** Each exchange has room for so many events more that say how it went on: its response, its errors, its end. */
const SPARE_EVENTS = 50;

/** A larger event is shortened: to so many pairs of a list, and so many characters of a text. */
const MAX_EVENT_BYTES = 32_768;
const MAX_PAIRS = 100;
const MAX_CHARACTERS = 100;

/** Events that may come any number of times. */
export const FREQUENT: ReadonlySet<string> = new Set([
  'bytes-in',
  'body',
  'chunk',
  'bytes-out',
  'input-paused',
  'output-paused',
] satisfies InspectEvent['type'][]);

/** What an application's process sends. */
export interface InspectBatch {
  /** The time of its `at: 0`, in milliseconds since 1970. */
  readonly originMs: number;
  readonly events: readonly PlacedEvent[];
  /** Events since the last batch that were not sent, because too many waited. */
  readonly dropped: number;
}

/** A message to a page. */
export interface InspectMessage {
  readonly id: string;
  readonly event: 'inspect' | 'snapshot';
  /** JSON. */
  readonly data: string;
}

interface RecordedExchange {
  readonly events: string[];
  readonly dropped: { events: number; bytes: number };
  bytes: number;
  isOpen: boolean;
}

export class InspectRecord {
  private readonly limits: RecordLimits;
  private readonly exchanges = new Map<number, RecordedExchange>();
  private readonly restarts: { readonly at: number; readonly file?: string }[] = [];
  private readonly dropped = { exchanges: 0, events: 0 };
  private readonly sent = new Subject<InspectMessage>();
  private readonly replay: InspectMessage[] = [];
  private replayBytes = 0;
  private bytes = 0;
  private sequence = 0;
  /** Connections of earlier processes. */
  private base = 0;
  private last = 0;
  private begun = false;

  /**
   * @param run - tells this record from that of another process on the same port.
   * @param now - milliseconds since 1970.
   */
  constructor(
    private readonly run: string,
    private readonly now: () => number,
    limits: Partial<RecordLimits> = {},
    private readonly originMs = now(),
  ) {
    this.limits = { ...LIMITS, ...limits };
  }

  /** Each batch of events, as it comes. */
  get messages(): Observable<InspectMessage> {
    return this.sent.asObservable();
  }

  /** Milliseconds since the record began. */
  get at(): number {
    return this.now() - this.originMs;
  }

  /** A process of the application begins, the first one or another. @param file - whose change was the reason. */
  begin(file?: string): void {
    this.base = this.last;
    if (!this.begun) {
      this.begun = true;
      return;
    }
    const { at } = this;
    const marker = { at, ...(file !== undefined && { file }) };
    if (this.restarts.push(marker) > this.limits.maxExchanges) this.restarts.shift();
    const told = [JSON.stringify({ type: 'restart', connection: 0, ...marker })];
    // The process that had them is gone.
    for (const [connection, exchange] of this.exchanges)
      if (exchange.isOpen) this.keep({ type: 'close', connection, at }, told);
    this.tell(told);
  }

  /** Takes what the process has sent. */
  add({ originMs, events, dropped }: InspectBatch): void {
    const told: string[] = [];
    const trimmed = new Set<number>();
    for (const event of events) {
      const connection = event.connection + this.base;
      this.last = Math.max(this.last, connection);
      const moved = { ...event, connection, at: event.at + originMs - this.originMs };
      if (!this.keep(moved, told)) trimmed.add(connection);
    }
    const { at } = this;
    for (const connection of trimmed) {
      const exchange = this.exchanges.get(connection);
      if (exchange) told.push(JSON.stringify({ type: 'trimmed', connection, at, ...exchange.dropped }));
    }
    if (dropped > 0) {
      this.dropped.events += dropped;
      told.push(JSON.stringify({ type: 'dropped', connection: 0, at, events: dropped }));
    }
    this.tell(told);
  }

  /** What a page that has had the message `id` is to get: what it has missed, or everything. */
  since(id: string | undefined): readonly InspectMessage[] {
    const index = this.replay.findIndex((message) => message.id === id);
    if (index >= 0) return this.replay.slice(index + 1);
    return id !== undefined && id === this.id && this.sequence === 0 ? [] : [this.snapshot()];
  }

  private get id(): string {
    return `${this.run}.${this.sequence}`;
  }

  private snapshot(): InspectMessage {
    const exchanges = Array.from(
      this.exchanges,
      ([connection, { events, dropped }]) =>
        `{"connection":${connection},"events":[${events.join()}],"dropped":${JSON.stringify(dropped)}}`,
    );
    const { originMs, at: nowMs, restarts, dropped } = this;
    const rest = JSON.stringify({ version: 1, originMs, nowMs, restarts, dropped });
    const data = `{"exchanges":[${exchanges.join()}],${rest.slice(1)}`;
    return { id: this.id, event: 'snapshot', data };
  }

  /** @returns whether the event was kept, and is told. */
  private keep(event: InspectEvent, told: string[]): boolean {
    const { connection, type } = event;
    const exchange = type === 'open' ? this.open(connection) : this.exchanges.get(connection);
    // It has been forgotten.
    if (!exchange) return true;
    const json = jsonOf(event);
    const { maxBytesPerExchange, maxEventsPerExchange } = this.limits;
    const spare = FREQUENT.has(type) ? 0 : SPARE_EVENTS;
    const isFull =
      exchange.events.length >= maxEventsPerExchange + spare ||
      (spare === 0 && exchange.bytes + json.length > maxBytesPerExchange);
    if (type === 'close') exchange.isOpen = false;
    else if (isFull) {
      exchange.dropped.events++;
      exchange.dropped.bytes += 'bytes' in event ? event.bytes : 0;
      return false;
    }
    exchange.events.push(json);
    exchange.bytes += json.length;
    this.bytes += json.length;
    told.push(json);
    while (this.bytes > this.limits.maxBytes && this.exchanges.size > 1) this.forget(connection);
    return true;
  }

  private open(connection: number): RecordedExchange {
    if (this.exchanges.size >= this.limits.maxExchanges) this.forget(connection);
    const exchange = { events: [], dropped: { events: 0, bytes: 0 }, bytes: 0, isOpen: true };
    this.exchanges.set(connection, exchange);
    return exchange;
  }

  /** Forgets the oldest exchange that is over, or the oldest one. */
  private forget(but: number): void {
    let oldest: number | undefined;
    for (const [connection, { isOpen }] of this.exchanges) {
      if (connection === but) continue;
      oldest ??= connection;
      if (isOpen) continue;
      oldest = connection;
      break;
    }
    if (oldest === undefined) return;
    this.bytes -= this.exchanges.get(oldest)?.bytes ?? 0;
    this.exchanges.delete(oldest);
    this.dropped.exchanges++;
  }

  private tell(events: readonly string[]): void {
    if (events.length === 0) return;
    this.sequence++;
    const message: InspectMessage = { id: this.id, event: 'inspect', data: `[${events.join()}]` };
    this.replay.push(message);
    this.replayBytes += message.data.length;
    while (this.replayBytes > this.limits.maxReplayBytes)
      this.replayBytes -= this.replay.shift()?.data.length ?? this.replayBytes;
    this.sent.next(message);
  }
}

function jsonOf(event: InspectEvent): string {
  const json = JSON.stringify(event);
  if (json.length <= MAX_EVENT_BYTES) return json;
  return JSON.stringify(event, (_key, value: unknown) => {
    if (typeof value === 'string' && value.length > MAX_CHARACTERS)
      return `${value.slice(0, MAX_CHARACTERS)}\u2026`;
    return Array.isArray(value) ? (value as unknown[]).slice(0, MAX_PAIRS) : value;
  });
}
