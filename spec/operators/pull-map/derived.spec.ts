import { map, merge, mergeMap, of, share, take, type Observable, type ObservableInput } from 'rxjs';
import { decodeScgi } from '../../../lib/operators/decode-scgi.js';
import { createFlow, type Flow } from '../../../lib/operators/flow/flow.js';
import { pullMap } from '../../../lib/operators/pull-map.js';
import { CountedChunks } from '../../helpers/virtual-time/counted-chunks.js';
import { marbles } from '../../helpers/virtual-time/marbles.js';
import { received } from '../../helpers/virtual-time/received.js';
import { requestHead } from '../../helpers/wire/requests.js';
import { show, wire } from '../../helpers/wire/wire.js';

const CHUNKS = { h: requestHead(8), a: wire('ab'), b: wire('cd'), c: wire('ef'), d: wire('gh') };
const RESULTS = { a: 'ab0', b: 'cd1', c: 'ef2', d: 'gh3' };
const REQUEST = { r: 'GET / 8' };
const PAUSED = { f: false, t: true };

const nameAfter = (inner: Observable<unknown>) => (text: string, index: number) =>
  inner.pipe(map(() => `${text}${index}`));

/** The request's body through `map`, and then `pullMap`: no body any more, but derived from one. */
function mapText<R>(
  source: Observable<Uint8Array>,
  project: (text: string, index: number) => ObservableInput<R>,
  flow?: Flow,
  concurrent?: number,
): Observable<R> {
  return source.pipe(
    decodeScgi({ flow }),
    mergeMap(({ body }) => body.pipe(map(show), pullMap(project, { concurrent }))),
  );
}

describe('pullMap over an Observable that derives from request.body', () => {
  it('should pause the input while no slot is free', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const flow = createFlow();
      const source = cold('  --h--a-----b-----c-----d|   ', CHUNKS);
      const slow = cold('    ---x|                       ', { x: '' });
      const expected = '     --------a-----b-----c-----d|';
      const expectedPause = 'f----t---f-t---f-t---f-t---f';
      expectObservable(mapText(source, nameAfter(slow), flow)).toBe(expected, RESULTS);
      expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
      expectSubscriptions(source.subscriptions).toBe('^----------------------!');
      expectSubscriptions(slow.subscriptions).toBe([
        '                    -----^---!                  ',
        '                    -----------^---!            ',
        '                    -----------------^---!      ',
        '                    -----------------------^---!',
      ]);
    });
  });

  it('should queue what comes all the same, and pause the input until that is mapped', () => {
    marbles(({ cold, expectObservable }) => {
      const flow = createFlow();
      const source = cold('  --h--a-b-----------c-----d|  ', CHUNKS);
      const slow = cold('    ---x|                        ', { x: '' });
      const expected = '     --------a---b---------c-----d|';
      const expectedPause = 'f----t-------f-----t---f-t---f';
      expectObservable(mapText(source, nameAfter(slow), flow)).toBe(expected, RESULTS);
      expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
    });
  });

  it('should pause the input when as many as it is told are being mapped', () => {
    marbles(({ cold, expectObservable }) => {
      const flow = createFlow();
      const source = cold('  --h--a-b-----------c-----d|  ', CHUNKS);
      const slow = cold('    -------x|                    ', { x: '' });
      const expected = '     ------------a-b-----------c-----d|';
      const expectedPause = 'f------t-----f-----------t-f     ';
      expectObservable(mapText(source, nameAfter(slow), flow, 2)).toBe(expected, RESULTS);
      expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
    });
  });

  it.each([
    ['an inner source errors', '--h--a-b', '         ', '--------#', 'f----t--f'],
    ['the body errors', '        --h--a-#', '         ', '-------# ', 'f----t-f '],
    ['it is unsubscribed', '     --h--a-b', '------!  ', '---------', 'f----tf  '],
  ])('should release the input when %s', (_, marble, unsubscribed, expected, expectedPause) => {
    marbles(({ cold, expectObservable }) => {
      const flow = createFlow();
      const source = cold(marble, CHUNKS, 'boom');
      const failing = cold('---#', {}, 'boom');
      expectObservable(
        mapText(source, () => failing, flow),
        unsubscribed,
      ).toBe(expected, {}, 'boom');
      expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
    });
  });

  it('should error when project throws, and release the input', () => {
    marbles(({ cold, expectObservable }) => {
      const flow = createFlow();
      const boom = new Error('boom');
      const project = (): never[] => {
        throw boom;
      };
      const source = cold('      --h--a   ', CHUNKS);
      const expected = '         -----#   ';
      const expectedPause = '    f----(tf)';
      expectObservable(mapText(source, project, flow)).toBe(expected, {}, boom);
      expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
    });
  });

  it('should keep the causes of a pause apart: an untaken body is no free slot', () => {
    marbles(({ cold, hot, expectObservable }) => {
      const flow = createFlow();
      const source = cold('      --h--a-----------------', CHUNKS);
      const second = hot('       --h--------a-----------', { h: requestHead(8), a: wire('ab') });
      const slow = cold('        ---------|             ', {});
      const subscription = '     ------------------^    ';
      const expectedPause = '    f----t------------f    ';
      const { result, body } = received(second.pipe(decodeScgi({ flow, bodyHighWaterMark: 2 })));
      expectObservable(mapText(source, () => slow, flow)).toBe('-');
      expectObservable(result).toBe('--r', REQUEST);
      expectObservable(body, subscription).toBe('------------------a', CHUNKS);
      expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
    });
  });

  it('should pause the input behind another pullMap', () => {
    marbles(({ cold, expectObservable }) => {
      const flow = createFlow();
      const source = cold('  --h--a-----------b----------', CHUNKS);
      const first = cold('   -x|                         ', { x: '' });
      const slow = cold('    -----y|                     ', { y: '' });
      const expected = '     -----------a-----------b----';
      const expectedPause = 'f-----t-----f-----t-----f---';
      const result = source.pipe(
        decodeScgi({ flow }),
        mergeMap(({ body }) =>
          body.pipe(
            pullMap((chunk) => first.pipe(map(() => show(chunk)))),
            pullMap(nameAfter(slow)),
          ),
        ),
      );
      expectObservable(result).toBe(expected, RESULTS);
      expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
    });
  });

  it('should pause the input while one of several has no free slot', () => {
    marbles(({ cold, expectObservable }) => {
      const flow = createFlow();
      const source = cold('  --h--a------', CHUNKS);
      const quick = cold('    --x|       ', { x: '' });
      const slow = cold('     -----y|    ', { y: '' });
      const expected = '     -------x--y-';
      const expectedPause = 'f----t-----f';
      const result = source.pipe(
        decodeScgi({ flow }),
        mergeMap(({ body }) => {
          const shared = body.pipe(share());
          return merge(shared.pipe(pullMap(() => quick)), shared.pipe(pullMap(() => slow)));
        }),
        map((_, index) => 'xy'[index]),
      );
      expectObservable(result).toBe(expected);
      expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
    });
  });

  it('should throw ERR_SCGI_NO_FLOW where there is no flow to brake', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--h--a-b', CHUNKS);
      const result = mapText(source, () => of(''));
      expectObservable(result).toBe('--#', {}, { code: 'ERR_SCGI_NO_FLOW' });
    });
  });

  it('should count separately for each subscription', () => {
    marbles(({ cold, expectObservable }) => {
      const flow = createFlow();
      const source = cold('  --h--a---         ', CHUNKS);
      const slow = cold('    ---x|             ', { x: '' });
      const subscriptions = ['^------!         ', '---------^       '];
      const expectedSecond = '-----------------a';
      const expectedPause = ' f----t-f------t---f';
      const result = mapText(source, nameAfter(slow), flow);
      expectObservable(result, subscriptions[0]).toBe('-');
      expectObservable(result, subscriptions[1]).toBe(expectedSecond, RESULTS);
      expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
    });
  });

  it('should stop pulling from a synchronous endless inner source once its subscriber has unsubscribed', () => {
    const endless = new CountedChunks('x');
    const source = of(requestHead(100), wire('a'), wire('b'));
    let log = '';
    mapText(source, () => endless.chunks, createFlow())
      .pipe(take(3))
      .subscribe((value) => (log += value));
    expect({ log, count: endless.count }).toEqual({ log: 'xxx', count: 3 });
  });
});
