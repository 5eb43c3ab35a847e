/** The record of the live view: its bounds, restarts, and what a page that connects again gets. */
import { join } from 'node:path';
import { EventBatches } from '../../../lib/cli/inspect/event-batches.js';
import {
  InspectRecord,
  type InspectBatch,
  type InspectMessage,
  type RecordLimits,
} from '../../../lib/cli/inspect/inspect-record.js';
import type { InspectEvent } from '../../../lib/server/inspect/inspect-event.js';
import { marbles } from '../../helpers/virtual-time/marbles.js';

type Told = { readonly type: string; readonly connection: number; readonly at: number };
type Content = InspectEvent extends infer Each
  ? Each extends InspectEvent
    ? Omit<Each, 'connection' | 'at'>
    : never
  : never;

interface Snapshot {
  readonly version: number;
  readonly originMs: number;
  readonly nowMs: number;
  readonly exchanges: readonly {
    readonly connection: number;
    readonly events: readonly Told[];
    readonly dropped: object;
  }[];
  readonly restarts: readonly object[];
  readonly dropped: object;
}

let clock = 0;
const OPEN: Content = { type: 'open' };
const CLOSE: Content = { type: 'close' };
const CHUNK: Content = { type: 'chunk', bytes: 10 };

function recordOf(limits: Partial<RecordLimits> = {}) {
  clock = 1000;
  const record = new InspectRecord('run', () => clock, limits);
  const messages: InspectMessage[] = [];
  record.messages.subscribe((message) => messages.push(message));
  record.begin();
  return { record, messages };
}

function batch(connection: number, ...contents: readonly Content[]): InspectBatch {
  const events = contents.map((each, at) => ({ ...each, connection, at }));
  return { originMs: 1500, events, dropped: 0 };
}

function snapshotOf(record: InspectRecord): Snapshot {
  const [message] = record.since(undefined);
  expect(message?.event).toBe('snapshot');
  return JSON.parse(message!.data) as Snapshot;
}

function toldBy(messages: readonly InspectMessage[]): Told[] {
  return messages.flatMap(({ data }) => JSON.parse(data) as Told[]);
}

const kinds = (events: readonly Told[]) =>
  events.map(({ type, connection, at }) => `${connection} ${at} ${type}`);

describe('InspectRecord', () => {
  it('should tell events as they come, by its own clock, and have them in a snapshot', () => {
    const { record, messages } = recordOf();
    record.add(batch(1, OPEN, CHUNK));
    record.add(batch(1, CLOSE));
    expect(messages.map(({ id, event }) => [id, event])).toEqual([
      ['run.1', 'inspect'],
      ['run.2', 'inspect'],
    ]);
    expect(kinds(toldBy(messages))).toEqual(['1 500 open', '1 501 chunk', '1 500 close']);
    clock = 3000;
    expect(snapshotOf(record)).toMatchObject({
      version: 1,
      originMs: 1000,
      nowMs: 2000,
      exchanges: [{ connection: 1, events: toldBy(messages), dropped: { events: 0, bytes: 0 } }],
      restarts: [],
      dropped: { exchanges: 0, events: 0 },
    });
  });

  it('should go on counting when the application is started anew, and close what was open', () => {
    const { record, messages } = recordOf();
    record.add(batch(1, OPEN));
    record.add(batch(2, OPEN, CLOSE));
    clock = 4000;
    record.begin('app.mjs');
    record.add(batch(1, OPEN));
    expect(kinds(toldBy(messages)).slice(3)).toEqual(['0 3000 restart', '1 3000 close', '3 500 open']);
    const { restarts, exchanges } = snapshotOf(record);
    expect(restarts).toEqual([{ at: 3000, file: 'app.mjs' }]);
    expect(exchanges.map(({ connection }) => connection)).toEqual([1, 2, 3]);
  });

  it('should forget the oldest exchanges that are over, at maxExchanges', () => {
    const { record } = recordOf({ maxExchanges: 2 });
    record.add(batch(1, OPEN));
    record.add(batch(2, OPEN, CLOSE));
    record.add(batch(3, OPEN, CLOSE));
    record.add(batch(4, OPEN));
    record.add(batch(5, OPEN));
    // Of a forgotten one.
    record.add(batch(1, CHUNK));
    const { exchanges, dropped } = snapshotOf(record);
    expect(exchanges.map(({ connection }) => connection)).toEqual([4, 5]);
    expect(dropped).toEqual({ exchanges: 3, events: 0 });
  });

  it('should keep so many events of an exchange, count the rest, and keep its end', () => {
    const { record, messages } = recordOf({ maxEventsPerExchange: 3 });
    record.add(batch(1, OPEN, CHUNK, CHUNK, CHUNK, CHUNK, { type: 'end', how: 'fin' }, CLOSE));
    const [exchange] = snapshotOf(record).exchanges;
    expect(exchange?.events.map(({ type }) => type)).toEqual(['open', 'chunk', 'chunk', 'end', 'close']);
    expect(exchange?.dropped).toEqual({ events: 2, bytes: 20 });
    expect(toldBy(messages).at(-1)).toMatchObject({ type: 'trimmed', connection: 1, events: 2, bytes: 20 });
  });

  it('should not be without a bound for events that are not frequent', () => {
    const { record } = recordOf({ maxEventsPerExchange: 3 });
    record.add(batch(1, OPEN, ...Array.from({ length: 1000 }, (): Content => ({ type: 'body-end' })), CLOSE));
    const [exchange] = snapshotOf(record).exchanges;
    expect(exchange?.events).toHaveLength(54);
    expect(exchange?.events.at(-1)?.type).toBe('close');
  });

  it('should bound the bytes of an exchange, and of all', () => {
    const text = 'x'.repeat(1000);
    const { record } = recordOf({ maxBytesPerExchange: 2500, maxBytes: 5000 });
    for (const connection of [1, 2, 3])
      record.add(batch(connection, OPEN, ...Array.from({ length: 10 }, () => ({ ...CHUNK, text })), CLOSE));
    const { exchanges, dropped } = snapshotOf(record);
    expect(exchanges.map(({ connection, events }) => [connection, events.length])).toEqual([
      [2, 4],
      [3, 4],
    ]);
    expect(dropped).toEqual({ exchanges: 1, events: 0 });
  });

  it('should shorten an event with huge variables', () => {
    const { record } = recordOf();
    const variables = Array.from(
      { length: 1000 },
      (_each, index) => [`HTTP_X_${index}`, '\0'.repeat(5000)] as const,
    );
    record.add(batch(1, OPEN, { type: 'request', contentLength: 0, variables }));
    expect(record.since(undefined)[0]!.data.length).toBeLessThan(100_000);
  });

  it('should give what was missed, and a snapshot when it does not know', () => {
    const { record } = recordOf();
    for (const connection of [1, 2, 3]) record.add(batch(connection, OPEN));
    const ids = (id: string | undefined) => record.since(id).map(({ event, id: each }) => `${event} ${each}`);
    expect(ids('run.1')).toEqual(['inspect run.2', 'inspect run.3']);
    expect(ids('run.3')).toEqual([]);
    for (const unknown of [undefined, 'run.4', 'other.2', '', '<script>'])
      expect(ids(unknown)).toEqual(['snapshot run.3']);
  });

  it('should give a snapshot when more was missed than is kept for that', () => {
    const { record } = recordOf({ maxReplayBytes: 100 });
    for (const connection of [1, 2, 3, 4, 5]) record.add(batch(connection, OPEN));
    expect(record.since('run.1').map(({ event }) => event)).toEqual(['snapshot']);
    expect(record.since('run.4').map(({ event }) => event)).toEqual(['inspect']);
  });

  it('should tell how many events were lost on the way', () => {
    const { record, messages } = recordOf();
    record.add({ ...batch(1, OPEN), dropped: 7 });
    expect(toldBy(messages).at(-1)).toMatchObject({ type: 'dropped', connection: 0, events: 7 });
    expect(snapshotOf(record).dropped).toEqual({ exchanges: 0, events: 7 });
  });
});

describe('EventBatches', () => {
  const event = (at: number, text = ''): InspectEvent => ({
    type: 'chunk',
    connection: 1,
    at,
    bytes: 1,
    text,
  });

  it('should send what has come within 50 ms, and wait until a batch has been taken', () => {
    marbles(({ cold, flush }, scheduler) => {
      const sent: [number, number[]][] = [];
      const batches = new EventBatches((batch) => {
        expect(batch.originMs).toBe(scheduler.now() - batch.events.at(-1)!.at);
        sent.push([scheduler.now(), batch.events.map(({ at }) => at)]);
        return cold('100ms |');
      }, scheduler);
      cold('1-2 49ms 3 49ms 4').subscribe((at) => batches.next(event(Number(at))));
      flush();
      expect(sent).toEqual([
        [50, [1, 2]],
        [200, [3, 4]],
      ]);
    });
  });

  it.each<[string, string, number]>([
    ['events', '', 5000],
    ['bytes', 'x'.repeat(1_000_000), 4],
  ])('should drop %s beyond its bound while a batch waits, and say how many', (_what, text, kept) => {
    marbles(({ cold, flush }, scheduler) => {
      const sent: [number, number][] = [];
      const batches = new EventBatches(({ events, dropped }) => {
        sent.push([events.length, dropped]);
        return cold('|');
      }, scheduler);
      for (let at = 0; at < kept + 3; at++) batches.next(event(at, text));
      flush();
      batches.next(event(1));
      flush();
      expect(sent).toEqual([
        [kept, 3],
        [1, 0],
      ]);
    });
  });

  it('should send the place of an error in the application instead of its stack', () => {
    marbles(({ cold, flush }, scheduler) => {
      const sent: unknown[] = [];
      const batches = new EventBatches(({ events }) => {
        sent.push(...events.map(({ place, ...rest }) => [place, 'frames' in rest]));
        return cold('|');
      }, scheduler);
      const error = {
        type: 'error',
        connection: 1,
        at: 0,
        where: 'handler',
        code: 'E',
        message: '',
      } as const;
      const library = 'at pipe (file:///app/node_modules/rxjs/index.js:1:2)';
      batches.next({ ...error, frames: [library, `at load (${join(process.cwd(), 'lib/db.mjs')}:3:9)`] });
      batches.next({ ...error, frames: ['at node:internal/x:3:4'] });
      batches.next(error);
      flush();
      expect(sent).toEqual([
        ['lib/db.mjs:3:9', false],
        [undefined, false],
        [undefined, false],
      ]);
    });
  });

  it('should count the message of an error', () => {
    marbles(({ cold, flush }, scheduler) => {
      const sent: number[] = [];
      const batches = new EventBatches(({ events }) => {
        sent.push(events.length);
        return cold('|');
      }, scheduler);
      const message = 'x'.repeat(1_000_000);
      for (let at = 0; at < 6; at++)
        batches.next({ type: 'error', connection: 1, at, where: 'handler', code: 'E', message });
      flush();
      expect(sent).toEqual([4]);
    });
  });

  it('should still send the end of an exchange when its chunks are dropped', () => {
    marbles(({ cold, flush }, scheduler) => {
      const sent: string[] = [];
      const batches = new EventBatches(({ events }) => {
        sent.push(String(events.length), events[5000]!.type);
        return cold('|');
      }, scheduler);
      for (let at = 0; at < 6000; at++) batches.next(event(at));
      batches.next({ type: 'close', connection: 1, at: 6000 });
      for (let at = 0; at < 20_000; at++) batches.next({ type: 'open', connection: at, at });
      flush();
      expect(sent).toEqual(['10000', 'close']);
    });
  });
});
