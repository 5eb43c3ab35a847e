import { EMPTY, NEVER, concat, defer, endWith, map, mergeMap, of, type Observable } from 'rxjs';
import { decodeScgi } from '../../../lib/operators/decode-scgi.js';
import { createFlow } from '../../../lib/operators/flow/flow.js';
import { pullMap } from '../../../lib/operators/pull-map.js';
import { codeThrownBy } from '../../helpers/faults/error-facts.js';
import { marbles } from '../../helpers/virtual-time/marbles.js';
import { requestHead } from '../../helpers/wire/requests.js';
import { show, wire } from '../../helpers/wire/wire.js';

const CHUNKS = { h: requestHead(8), a: wire('ab'), b: wire('cd'), c: wire('ef'), d: wire('gh') };
const RESULTS = { a: 'ab0', b: 'cd1', c: 'ef2', d: 'gh3' };
const PAUSED = { f: false, t: true };

/** A project that names the chunk and its index when `inner` emits. */
function nameAfter(inner: Observable<unknown>) {
  return (chunk: Uint8Array, index: number) => inner.pipe(map(() => `${show(chunk)}${index}`));
}

describe('pullMap over any other Observable', () => {
  const others: readonly [string, (body: Observable<Uint8Array>) => Observable<Uint8Array>][] = [
    ['of()', () => of(wire('ab'))],
    ['defer()', (body) => defer(() => body)],
    ['concat()', (body) => concat(body, of(wire('gh')))],
  ];

  it.each(others)('should throw ERR_SCGI_NO_FLOW without a flow: %s', (_, make) => {
    expect(codeThrownBy(() => make(NEVER).pipe(pullMap(() => of(''))))).toBe('ERR_SCGI_NO_FLOW');
  });

  it('should be like mergeMap without a limit, which has nothing to wait for', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('-(ab)|').pipe(pullMap((value) => of(value), { concurrent: Infinity }));
      expectObservable(source).toBe('-(ab)|');
    });
  });

  it.each(['defer', 'concat'])('should brake the flow that it is given: %s', (kind) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const flow = createFlow();
      const source = cold('  --h--a-----b-----c-----d|   ', CHUNKS);
      const slow = cold('    ---x|                       ', { x: '' });
      const expected = '     --------a-----b-----c-----d|';
      const expectedPause = 'f----t---f-t---f-t---f-t---f';
      const result = source.pipe(
        decodeScgi({ flow }),
        mergeMap((request) => {
          const other = kind === 'defer' ? defer(() => request.body) : concat(EMPTY, request.body);
          return other.pipe(pullMap(nameAfter(slow), { flow: request.flow }));
        }),
      );
      expectObservable(result).toBe(expected, RESULTS);
      expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
      expectSubscriptions(slow.subscriptions).toBe([
        '                    -----^---!                  ',
        '                    -----------^---!            ',
        '                    -----------------^---!      ',
        '                    -----------------------^---!',
      ]);
    });
  });

  it('should map and complete as mergeMap does, with a flow', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  -a-b-c|       ');
      const inner = cold('   ---|          ');
      const expected = '     ----a--b--(c|)';
      const flow = createFlow();
      const project = (value: string, index: number) => inner.pipe(endWith(`${value}${index}`));
      expectObservable(source.pipe(pullMap(project, { flow }))).toBe(expected, { a: 'a0', b: 'b1', c: 'c2' });
      expectSubscriptions(source.subscriptions).toBe('^-----!');
      expectSubscriptions(inner.subscriptions).toBe(['-^--!', '----^--!', '-------^--!']);
    });
  });
});
