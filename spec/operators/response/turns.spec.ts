import { map, of } from 'rxjs';
import { encodeScgi } from '../../../lib/operators/encode-scgi.js';
import { createFlow } from '../../../lib/operators/flow/flow.js';
import { marbles } from '../../helpers/virtual-time/marbles.js';
import { respond } from '../../helpers/virtual-time/responses/respond.js';
import { turns } from '../../helpers/virtual-time/responses/response-bodies.js';

/** A chunk counts as 1 KiB more than it has, and a turn of the event loop is 2 MiB. */
const CHUNK = 'x'.repeat(100);
const CHUNKS_PER_TURN = Math.ceil(2_097_152 / (1024 + CHUNK.length));
/** More than that, and the loop is held: the body fails rather than hang the spec. */
const FAR_TOO_MANY = 100_000;

class ReadyChunks {
  count = 0;

  next(): string {
    if (++this.count > FAR_TOO_MANY) throw new Error('the event loop is held');
    return CHUNK;
  }

  *iterable(): Generator<string> {
    for (;;) yield this.next();
  }

  async *asyncIterable(): AsyncGenerator<string> {
    for (;;) yield await Promise.resolve(this.next());
  }

  readonly stream = (): ReadableStream<string> =>
    new ReadableStream({ pull: (controller) => controller.enqueue(this.next()) }, { highWaterMark: 0 });
}

describe('a body of ready chunks, whose gateway is fast,', () => {
  it.each<
    [string, (chunks: ReadyChunks) => Iterable<string> | AsyncIterable<string> | ReadableStream<string>]
  >([
    ['a generator', (chunks) => chunks.iterable()],
    ['an async generator', (chunks) => chunks.asyncIterable()],
    ['a ReadableStream', (chunks) => chunks.stream()],
  ])('should let others have their turn, and continue: %s', async (_, make) => {
    const chunks = new ReadyChunks();
    const { sent, subscription } = respond({ body: make(chunks) });
    // All microtasks run before any of this.
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    const { count } = chunks;
    subscription.unsubscribe();
    await turns();
    expect(sent.find((chunk) => chunk instanceof Error)).toBeUndefined();
    expect(count).toBeGreaterThan(CHUNKS_PER_TURN);
    expect(count).toBeLessThan(FAR_TOO_MANY);
    expect(chunks.count).toBe(count);
  });

  it('should give the same number of chunks in each turn', () => {
    const { sent, subscription } = respond({ body: new ReadyChunks().iterable() });
    subscription.unsubscribe();
    // The head and the first chunk are one.
    expect(sent).toHaveLength(CHUNKS_PER_TURN);
  });

  it('should count empty chunks', () => {
    let pulls = 0;
    const body = (function* () {
      for (; pulls < FAR_TOO_MANY; pulls++) yield '';
    })();
    respond({ body }).subscription.unsubscribe();
    expect(pulls).toBeLessThan(2048);
  });

  it('should take no virtual time', () => {
    marbles(({ cold, expectObservable }) => {
      const flow = createFlow();
      const body = Array.from({ length: 3 * CHUNKS_PER_TURN }, () => CHUNK);
      const result = cold('--r', { r: { body } }).pipe(
        encodeScgi({ flow }),
        map(() => 'x'),
      );
      expectObservable(result).toBe(`--(${'x'.repeat(body.length)}|)`);
    });
  });

  it('should not give up a turn without a flow, which has no connection', () => {
    let count = 0;
    of({ body: Array.from({ length: 3 * CHUNKS_PER_TURN }, () => CHUNK) })
      .pipe(encodeScgi())
      .subscribe(() => count++);
    expect(count).toBe(3 * CHUNKS_PER_TURN);
  });
});

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
