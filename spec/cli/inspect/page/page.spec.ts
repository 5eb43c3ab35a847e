/** The parts of the live view that need no browser: the store, the axis, the layout, filters and formats. */
import type { InspectEvent } from '../../../../lib/server/inspect/inspect-event.js';
import { exchangeOf, loadPageModules, type Exchange } from '../../../helpers/live-view/page-modules.js';
import * as recorded from '../../../helpers/live-view/recorded-events.js';

const page = loadPageModules();
const { eventsOf, variablesOf } = recorded;
const made = (events: readonly InspectEvent[]): Exchange => exchangeOf(page, events);

describe('the store', () => {
  it('should keep the last 500 exchanges, and those that are open', () => {
    const store = page.createStore();
    store.apply(eventsOf(1, 0, [[0, { type: 'open' }]])[0]!);
    for (let i = 2; i <= 2000; i++) for (const event of recorded.quick(i, i, '/')) store.apply(event);
    expect(store.size).toBe(500);
    expect(store.dropped).toBe(1500);
    expect(store.exchanges[0]!.connection).toBe(2000);
    expect(store.get(1)).toBeDefined();
    store.clear();
    expect(store.exchanges.map(({ connection }) => connection)).toEqual([1]);
  });

  it('should join chunks and brakes when there are many, and lose no byte and no time', () => {
    const steps = Array.from({ length: 20_000 }, (_, i) => [
      [i, { type: 'bytes-in', bytes: 3 }] as const,
      [i + 0.25, { type: 'input-paused', paused: true, causes: [`cause ${i % 3}`] }] as const,
      [i + 0.75, { type: 'input-paused', paused: false, causes: [] }] as const,
    ]).flat();
    const exchange = made(eventsOf(1, 0, steps as never));
    const { bytesIn, inputPaused } = exchange;
    expect(bytesIn.length).toBeLessThanOrEqual(192);
    expect(bytesIn.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(60_000);
    expect(bytesIn.reduce((sum, { count }) => sum + count, 0)).toBe(20_000);
    expect([bytesIn[0]!.at, bytesIn.at(-1)!.to]).toEqual([0, 19_999]);
    expect(inputPaused.length).toBeLessThanOrEqual(96);
    expect(inputPaused.reduce((sum, { count }) => sum + count, 0)).toBe(20_000);
  });

  it('should bound what the texts of a request take', () => {
    const many = Array.from({ length: 1000 }, (_, i): [string, string] => [`HTTP_${i}`, 'x'.repeat(60_000)]);
    const request = { type: 'request', variables: many, contentLength: 0 } as const;
    const { variables } = made(eventsOf(1, 0, [[0, request]]));
    expect(variables.length).toBe(200);
    expect(variables.reduce((sum, { value }) => sum + value.length, 0)).toBe(65_536);
    expect(variables[0]!.length).toBe(60_000);
    const errors = Array.from(
      { length: 100 },
      (_, i) => [i, { type: 'error', where: 'handler', code: `E${i}`, message: 'x'.repeat(1e5) }] as const,
    );
    const failed = made(eventsOf(1, 0, errors));
    expect(failed.errors.map(({ code }) => code)).toEqual([
      ...Array.from({ length: 15 }, (_, i) => `E${i}`),
      'E99',
    ]);
    expect(JSON.stringify(failed.errors).length).toBeLessThan(20_000);
  });

  it('should take a snapshot, and ignore what it does not know', () => {
    const store = page.createStore();
    store.apply({ type: 'restart', connection: 0, at: 1 });
    store.apply({ type: 'constructor', connection: 3, at: 1 });
    store.load({
      version: 1,
      originMs: 1,
      nowMs: 9,
      exchanges: [
        { connection: 7, events: recorded.quick(7, 1, '/seven'), dropped: { events: 1, bytes: 2 } },
        { connection: 8, events: [] },
      ],
    });
    expect(store.exchanges.map(({ path }) => path)).toEqual(['/seven']);
  });
});

describe('the axis', () => {
  it('should run, stop, zoom around a point, and show an exchange', () => {
    const axis = page.createAxis();
    axis.tick(60_000);
    expect(axis.scale(1000).to).toBe(60_400);
    axis.stop();
    axis.tick(90_000);
    expect([axis.now, axis.scale(1000).to]).toEqual([60_000, 60_400]);
    const before = axis.scale(1000).from + 2500;
    axis.zoom(2, 0.25);
    expect(axis.scale(1000).x(before)).toBeCloseTo(250);
    axis.show(100, 200);
    expect(axis.scale(1000).x(150)).toBeCloseTo(500);
    axis.run();
    expect(axis.scale(1000).to).toBeGreaterThan(90_000);
    axis.zoom(1e9);
    expect(axis.spanMs).toBe(2);
    axis.zoom(1e-9);
    expect(axis.spanMs).toBe(600_000);
  });

  it('should have round ticks, and not too many', () => {
    const { ticks, step } = page.ticksOf(page.ownScale(1000, 2000, 1000, 2000), 96, 1000);
    expect(step).toBe(200);
    expect(ticks).toEqual([1000, 1200, 1400, 1600, 1800, 2000]);
  });
});

describe('the layout', () => {
  const all = (events: readonly InspectEvent[], width = 1000) => {
    const exchange = made(events);
    const end = events.at(-1)!.at;
    return page.layoutExchange(exchange, page.ownScale(exchange.openAt, end, width, end));
  };
  const marksOf = (events: readonly InspectEvent[]): string[] =>
    all(events).marks.map(([kind, row]) => `${row} ${kind}`);

  it('should draw the rows of an upload that is braked', () => {
    const { marbles, bands, labels } = all(recorded.brakedUpload(1, 0));
    expect(marbles.filter(([row]) => row === 'body')).toHaveLength(12);
    expect(bands.map(([row, , , cause]) => [row, cause])).toEqual([['inputPaused', 'pullMap']]);
    expect(labels.map(([, row, text]) => [row, text])).toContainEqual(['inputPaused', 'pullMap']);
    expect(marksOf(recorded.brakedUpload(1, 0))).toEqual(
      expect.arrayContaining(['body subscribe', 'body complete', 'response complete', 'out complete']),
    );
  });

  it('should draw who left, what failed, and where', () => {
    expect(marksOf(recorded.eventStream(1, 0, 3))).toEqual(
      expect.arrayContaining(['response unsubscribe', 'in unsubscribe']),
    );
    expect(marksOf(recorded.failing(1, 0))).toContain('response error');
    expect(marksOf(recorded.malformed(1, 0))).toContain('in error');
    expect(all(recorded.malformed(1, 0)).labels.map(([, , text]) => text)).toContain(
      'ERR_SCGI_NETSTRING_LENGTH at byte 0',
    );
  });

  it('should draw as much as the width has room for, however much happened', () => {
    const steps = Array.from({ length: 5000 }, (_, i) => [i, { type: 'bytes-in', bytes: 10 }] as const);
    const { marbles } = all(eventsOf(1, 0, steps), 300);
    expect(marbles.length).toBeLessThanOrEqual(30);
    expect(marbles.reduce((sum, [, , , , , count]) => sum + (count as number), 0)).toBe(5000);
  });

  it('should draw nothing of what is out of sight, but what goes through', () => {
    const exchange = made(recorded.eventStream(1, 0, 100, 100, false));
    const { lines, marbles } = page.layoutExchange(exchange, page.ownScale(5010, 5080, 500, 20_000));
    expect(lines.map(([row]) => row)).toEqual(['in', 'response', 'out']);
    expect(marbles).toEqual([]);
  });
});

describe('the filter', () => {
  const [ok, failed, left, braked] = [
    recorded.quick(1, 0, '/Index'),
    recorded.failing(2, 0),
    recorded.eventStream(3, 0, 2),
    recorded.brakedUpload(4, 0),
  ].map(made);
  const open = made(recorded.eventStream(5, 0, 2, 1, false));

  it.each([
    ['path', { path: ' get /index' }, [ok]],
    ['path', { path: '/' }, [ok, failed, left, braked, open]],
    ['status', { status: '5' }, [failed]],
    ['status', { status: '200' }, [ok, left, braked, open]],
    ['status', { status: 'none' }, []],
    ['duration', { minMs: 1000 }, [left, braked, open]],
    ['errors', { only: 'errors' }, [failed, left]],
    ['clients that left', { only: 'left' }, [left]],
    ['brakes', { only: 'braked' }, [braked]],
    ['what is open', { only: 'open' }, [open]],
    ['nothing', { only: 'constructor' }, [ok, failed, left, braked, open]],
  ])('should choose by %s', (_, filter, expected) => {
    const accepts = page.filterOf(filter);
    const chosen = [ok, failed, left, braked, open].filter((each) => accepts(each!, 5000));
    expect(chosen.map((each) => each!.connection)).toEqual(expected.map((each) => each!.connection));
  });
});

describe('the texts', () => {
  it('should show control and bidi characters by their code points, and cut what is long', () => {
    expect(page.printable('a\u202eb\0\u200f\u009b<b>')).toBe('a\\u202eb\\x00\\u200f\\x9b<b>');
    expect(page.printable('x'.repeat(60_000), 10)).toBe('xxxxxxxxxx… (59,990 more)');
  });

  it('should be round', () => {
    expect([0.25, 9.99, 18.4, 1240, 59_999, 125_000].map(page.formatMs)).toEqual([
      '0.3 ms',
      '10 ms',
      '18 ms',
      '1.24 s',
      '1 min 0 s',
      '2 min 5 s',
    ]);
    expect([0, 999, 65_536, 999_900, 4_200_000].map(page.formatBytes)).toEqual([
      '0 B',
      '999 B',
      '65.5 kB',
      '1 MB',
      '4.2 MB',
    ]);
  });

  it('should say who braked for how long, and that the client left', () => {
    expect(page.badgesOf(made(recorded.brakedUpload(1, 0)), 0).map(({ text }) => text)).toEqual([
      'upload braked 2.16 s by pullMap',
    ]);
    expect(page.badgesOf(made(recorded.eventStream(1, 0, 2)), 0).map(({ text }) => text)).toEqual([
      'client left',
    ]);
    const path = made(
      eventsOf(1, 0, [
        [0, { type: 'request', variables: variablesOf('GET', '/\u202e<script>'), contentLength: 0 }],
      ]),
    );
    expect(path.path).toBe('/\u202e<script>');
  });
});
