import { Subject, filter, take } from 'rxjs';
import { decodeScgi } from '../../../lib/operators/decode-scgi.js';
import { createFlow } from '../../../lib/operators/flow/flow.js';
import type { ScgiBody } from '../../../lib/operators/types.js';
import { marbles } from '../../helpers/virtual-time/marbles.js';
import { received } from '../../helpers/virtual-time/received.js';
import { requestHead } from '../../helpers/wire/requests.js';
import { show, wire } from '../../helpers/wire/wire.js';

const HEAD = requestHead(6);
const CHUNKS = { h: HEAD, a: wire('ab'), b: wire('cd'), c: wire('ef') };
const REQUEST = { r: 'GET / 6' };
const PAUSED = { f: false, t: true };
const USED = { code: 'ERR_SCGI_BODY_USED' };

describe('request.body', () => {
  it('should push chunks as they come, and complete with the last', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('  --h--a--b--c--|', CHUNKS);
      const subscription = ' ---^           ';
      const expected = '     -----a--b--(c|)';
      const { result, body } = received(source.pipe(decodeScgi()));
      expectObservable(result).toBe('--r--------|', REQUEST);
      expectObservable(body, subscription).toBe(expected, CHUNKS);
    });
  });

  it('should lose nothing of what came before the subscription', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('  --h--a--b-----c--|', CHUNKS);
      const subscription = ' ---------^        ';
      const expected = '     ---------(ab)-(c|)';
      const { result, body } = received(source.pipe(decodeScgi()));
      expectObservable(result).toBe('--r-----------|', REQUEST);
      expectObservable(body, subscription).toBe(expected, CHUNKS);
    });
  });

  it('should deliver everything to a subscriber that comes after its end', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  --h--a--b--c--|      ', CHUNKS);
      const subscription = ' ----------------^    ';
      const expected = '     ----------------(abc|)';
      const { result, body } = received(source.pipe(decodeScgi()));
      expectObservable(result).toBe('--r--------|', REQUEST);
      expectObservable(body, subscription).toBe(expected, CHUNKS);
      expectSubscriptions(source.subscriptions).toBe('^----------!');
    });
  });

  it('should deliver what was held, and then the error, to a subscriber that comes after a fault', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('  --h--a--#     ', CHUNKS, 'reset');
      const subscription = ' ----------^   ';
      const expected = '     ----------(a#)';
      const { result, body } = received(source.pipe(decodeScgi()));
      expectObservable(result).toBe('--r-----#', REQUEST, 'reset');
      expectObservable(body, subscription).toBe(expected, CHUNKS, 'reset');
    });
  });

  it('should be one-shot: error a second subscription, and leave the first alone', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('  --h--a--b--c--|', CHUNKS);
      const first = '        ---^           ';
      const second = '       ------^        ';
      const third = '        ------------^  ';
      const { result, body } = received(source.pipe(decodeScgi()));
      expectObservable(result).toBe('--r--------|', REQUEST);
      expectObservable(body, first).toBe(' -----a--b--(c|)', CHUNKS);
      expectObservable(body, second).toBe('------#        ', CHUNKS, USED);
      expectObservable(body, third).toBe(' ------------#  ', CHUNKS, USED);
    });
  });

  it('should drop the rest when it is unsubscribed, and stay used', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  --h--a--b--c--|', CHUNKS);
      const first = '        ---^---!       ';
      const second = '       ---------^     ';
      const subscription = ' ^----------!   ';
      const { result, body } = received(source.pipe(decodeScgi()));
      expectObservable(result).toBe('--r--------|', REQUEST);
      expectObservable(body, first).toBe(' -----a   ', CHUNKS);
      expectObservable(body, second).toBe('---------#', CHUNKS, USED);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('should drop what is held when its subscriber has enough', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('  --h--a--b--c--|  ', CHUNKS);
      const subscription = ' ---------^       ';
      const expected = '     ---------(a|)    ';
      const { result, body } = received(source.pipe(decodeScgi()));
      expectObservable(result).toBe('--r--------|', REQUEST);
      expectObservable(body.pipe(take(1)), subscription).toBe(expected, CHUNKS);
    });
  });
});

describe('request.body, held', () => {
  it('should cost about as much memory as it has bytes, however small its chunks are', () => {
    const bodies: ScgiBody[] = [];
    const source = new Subject<Uint8Array>();
    source.pipe(decodeScgi()).subscribe(({ body }) => bodies.push(body));
    source.next(requestHead(1000));
    for (let count = 0; count < 999; count++) source.next(wire('x'));
    const chunks: Uint8Array[] = [];
    bodies[0]!.subscribe((chunk) => chunks.push(chunk));
    const retained = new Set(chunks.map((chunk) => chunk.buffer));
    const bytes = [...retained].reduce((sum, buffer) => sum + buffer.byteLength, 0);
    expect(chunks.reduce((sum, chunk) => sum + chunk.length, 0)).toBe(999);
    expect([retained.size, bytes]).toEqual([3, 1 + 1 + 1024]);
  });

  it('should pause the input at bodyHighWaterMark, and not before, until it is taken', () => {
    marbles(({ cold, expectObservable }) => {
      const flow = createFlow();
      const source = cold('  --h--a--b--------c--|', CHUNKS);
      const subscription = ' ------------^        ';
      const expected = '     ------------(ab)-(c|)';
      const expectedPause = 'f-------t---f--------';
      const { result, body } = received(source.pipe(decodeScgi({ flow, bodyHighWaterMark: 4 })));
      expectObservable(result).toBe('--r--------------|', REQUEST);
      expectObservable(body, subscription).toBe(expected, CHUNKS);
      expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
    });
  });

  it('should not pause the input below bodyHighWaterMark', () => {
    marbles(({ cold, expectObservable }) => {
      const flow = createFlow();
      const source = cold('--h--a--b----', CHUNKS);
      const { result } = received(source.pipe(decodeScgi({ flow, bodyHighWaterMark: 5 })));
      expectObservable(result).toBe('--r', REQUEST);
      expectObservable(flow.inputPaused).toBe('f', PAUSED);
    });
  });

  it('should pause the input at 65 536 bytes by default', () => {
    marbles(({ cold, expectObservable }) => {
      const flow = createFlow();
      const chunks = { h: requestHead(100_000), a: new Uint8Array(65_535), b: new Uint8Array(1) };
      const { result } = received(cold('--h--a--b', chunks).pipe(decodeScgi({ flow })));
      expectObservable(result).toBe('   --r      ', { r: 'GET / 100000' });
      expectObservable(flow.inputPaused).toBe('f-------t', PAUSED);
    });
  });

  it('should continue when the input ends, as nothing more is to come', () => {
    marbles(({ cold, expectObservable }) => {
      const flow = createFlow();
      const source = cold('  --h--a--b--c--|', CHUNKS);
      const expectedPause = 'f-------t--f---';
      const { result } = received(source.pipe(decodeScgi({ flow, bodyHighWaterMark: 3 })));
      expectObservable(result).toBe('--r--------|', REQUEST);
      expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
    });
  });

  it.each([
    ['the source errors', '      --h--a--b--#', '^            ', 'f-------t--f'],
    ['the result is unsubscribed', '--h--a--b----', '^----------!', 'f-------t--f'],
  ])('should continue when %s', (_, marble, subscription, expectedPause) => {
    marbles(({ cold, expectObservable }) => {
      const flow = createFlow();
      const source = cold(marble, CHUNKS, 'reset');
      const { result } = received(source.pipe(decodeScgi({ flow, bodyHighWaterMark: 4 })));
      const expected = subscription.includes('!') ? '--r' : '--r--------#';
      expectObservable(result, subscription).toBe(expected, REQUEST, 'reset');
      expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
    });
  });

  it('should continue when it is taken and left', () => {
    marbles(({ cold, expectObservable }) => {
      const flow = createFlow();
      const source = cold('  --h--a--b-------c--|', CHUNKS);
      const subscription = ' ----------^         ';
      const expectedPause = 'f-------t-f         ';
      const { result, body } = received(source.pipe(decodeScgi({ flow, bodyHighWaterMark: 1 + 3 })));
      expectObservable(result).toBe('--r-------------|', REQUEST);
      expectObservable(body.pipe(take(1)), subscription).toBe('----------(a|)', CHUNKS);
      expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
    });
  });

  it('should hold maxQueuedBytes where nothing brakes, and error at one more', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('   --h--a--b--c--|', CHUNKS);
      const enough = received(source.pipe(decodeScgi({ maxQueuedBytes: 6 })));
      const tooLittle = received(source.pipe(decodeScgi({ maxQueuedBytes: 5 })));
      const late = '          ---------------^';
      const overflow = { code: 'ERR_SCGI_BODY_OVERFLOW', limit: 5, actual: 6 };
      expectObservable(enough.result).toBe('   --r--------|', REQUEST);
      expectObservable(tooLittle.result).toBe('--r--------#', REQUEST, overflow);
      expectObservable(enough.body, late).toBe('   ---------------(abc|)', CHUNKS);
      expectObservable(tooLittle.body, late).toBe('---------------(abc#)', CHUNKS, overflow);
      expectSubscriptions(source.subscriptions).toBe(['^----------!', '^----------!']);
    });
  });

  it('should error at maxQueuedBytes when the source does not obey the flow', () => {
    marbles(({ cold, expectObservable }) => {
      const flow = createFlow();
      const source = cold('--h--a--b--c--|', CHUNKS);
      const overflow = { code: 'ERR_SCGI_BODY_OVERFLOW', limit: 3, actual: 4 };
      const { result } = received(source.pipe(decodeScgi({ flow, bodyHighWaterMark: 2, maxQueuedBytes: 3 })));
      expectObservable(result).toBe('          --r-----#', REQUEST, overflow);
      expectObservable(flow.inputPaused).toBe('f----t--f', PAUSED);
    });
  });
});

describe('request.body, with a source that obeys the flow', () => {
  it.each([
    ['below bodyHighWaterMark', { maxQueuedBytes: 4, bodyHighWaterMark: Infinity }, 'f-------t'],
    ['below one chunk', { maxQueuedBytes: 1, bodyHighWaterMark: 1 }, '        f----t---'],
  ])('should brake, and not error, where maxQueuedBytes is %s', (_, limits, expectedPause) => {
    marbles(({ cold, expectObservable }) => {
      const flow = createFlow();
      const source = cold('--h--a--b--c---', CHUNKS).pipe(filter(() => !flow.inputPaused.value));
      const { result } = received(source.pipe(decodeScgi({ flow, ...limits })));
      expectObservable(result).toBe('          --r', REQUEST);
      expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
    });
  });
});

describe('request.body, with a source that answers the brake at once', () => {
  it('should hold no more than bodyHighWaterMark', () => {
    expect(obedientSource(8, 3).sent()).toBe(3);
  });

  it('should keep the order when taking what is held lets in more', () => {
    const { body } = obedientSource(8, 1);
    let log = '';
    body.subscribe({ next: (data) => (log += show(data)), complete: () => (log += '|') });
    expect(log).toBe('abcdefgh|');
  });

  it('should let in no more than there is room for while what is held is taken', () => {
    const { body, sent } = obedientSource(8, 3);
    const log: string[] = [];
    body.pipe(take(3)).subscribe((data) => log.push(`${show(data)} of ${sent()}`));
    // Beyond two, small chunks wait as one.
    expect(log).toEqual(['a of 4', 'b of 5', 'cd of 7']);
  });

  it('should let in no more once nobody wants result and body', () => {
    const { body, sent, subscription } = obedientSource(1000, 3);
    let log = '';
    body.pipe(take(2)).subscribe((data) => {
      log += show(data);
      subscription.unsubscribe();
    });
    expect({ log, sent: sent() }).toEqual({ log: 'ab', sent: 5 });
  });
});

/** A request whose body is sent byte by byte, each as soon as the input is not paused. */
function obedientSource(contentLength: number, bodyHighWaterMark: number) {
  const flow = createFlow();
  const chunks = new Subject<Uint8Array>();
  const bodies: ScgiBody[] = [];
  const subscription = chunks
    .pipe(decodeScgi({ flow, bodyHighWaterMark }))
    .subscribe((request) => bodies.push(request.body));
  chunks.next(requestHead(contentLength));
  let sent = 0;
  flow.inputPaused.subscribe(() => {
    while (chunks.observed && sent < contentLength && !flow.inputPaused.value) {
      chunks.next(wire('abcdefghijklmnopqrstuvwxyz'.charAt(sent++ % 26)));
    }
  });
  return { body: bodies[0]!, subscription, sent: () => sent };
}
