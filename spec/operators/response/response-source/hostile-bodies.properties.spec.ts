import * as fc from 'fast-check';
import type { ScgiResponse } from '../../../../lib/operators/types.js';
import { FUZZ_RUNS } from '../../../helpers/fuzz-runs.js';
import { expectNoProcessFaults } from '../../../helpers/faults/process-faults.js';
import { respond } from '../../../helpers/virtual-time/responses/respond.js';
import { turns } from '../../../helpers/virtual-time/responses/response-bodies.js';

expectNoProcessFaults();

type Way = 'right' | 'throws' | 'cannot be read' | 'odd' | 'rejects';

/** How each member of a body behaves, the later ones of its results. */
const plans = fc.record({
  kind: fc.constantFrom('iterable', 'async iterable', 'reader', 'thenable'),
  ways: fc.dictionary(
    fc.constantFrom('make', 'next', 'done', 'value', 'close', 'then'),
    fc.constantFrom<Way>('right', 'throws', 'cannot be read', 'odd', 'rejects'),
  ),
  odd: fc.constantFrom<unknown>(undefined, null, 5, 'text', {}, [], () => 5, Symbol('odd')),
  chunks: fc.integer({ min: 0, max: 3 }),
  pauseAfter: fc.constantFrom(0, 1, 2, 3, Infinity),
  requestMethod: fc.constantFrom('GET', 'HEAD'),
});

const ASYNC = new Set<PropertyKey>(['read', 'return', 'cancel', 'then']);

type Plan = typeof plans extends fc.Arbitrary<infer P> ? P : never;

describe('a body of which any member may fail', () => {
  it('should end its response once at most, send nothing after that, and harm nobody else', async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const { pauseAfter, requestMethod } = plan;
        const response = { body: bodyOf(plan) } as ScgiResponse;
        const { sent, subscription } = respond(response, { pauseAfter, requestMethod });
        await turns();
        subscription.unsubscribe();
        await turns();
        const isEnd = (entry: unknown): boolean => entry === '|' || typeof entry !== 'string';
        expect(sent.slice(0, -1).filter(isEnd)).toEqual([]);
        const isSound = Object.values(plan.ways).every((way) => way === 'right');
        if (isSound && pauseAfter === Infinity) expect(sent.at(-1)).toBe('|');
      }),
      { numRuns: Math.ceil(FUZZ_RUNS / 2) },
    );
  });
});

/** An object that has `value` as its member, in the given way. */
function member(
  target: object,
  name: PropertyKey,
  way: Way | undefined,
  odd: unknown,
  value: unknown,
): object {
  if (way === 'cannot be read') return Object.defineProperty(target, name, { get: fails });
  const call = (): unknown => {
    if (way === 'throws') return fails();
    // Where nobody expects a Promise, one that rejects is the application's own to handle.
    if (way === 'rejects') return ASYNC.has(name) ? Promise.reject(new Error('boom')) : fails();
    return odd;
  };
  const isRight = way === undefined || way === 'right';
  return Object.defineProperty(target, name, {
    value: isRight ? value : typeof value === 'function' ? call : odd,
  });
}

function bodyOf({ kind, ways, odd, chunks }: Plan): object {
  let left = chunks;
  const result = (): object => {
    const done = left-- <= 0;
    return member(member({}, 'done', ways.done, odd, done), 'value', ways.value, odd, 'aa');
  };
  const thenable = (value: unknown): object =>
    member({}, 'then', ways.then, odd, (fulfilled: (value: unknown) => void) => fulfilled(value));
  const close = (): object => thenable(undefined);
  switch (kind) {
    case 'iterable': {
      const iterator = member(member({}, 'next', ways.next, odd, result), 'return', ways.close, odd, close);
      return member({}, Symbol.iterator, ways.make, odd, () => iterator);
    }
    case 'async iterable': {
      const next = (): object => thenable(result());
      const iterator = member(member({}, 'next', ways.next, odd, next), 'return', ways.close, odd, close);
      return member({}, Symbol.asyncIterator, ways.make, odd, () => iterator);
    }
    case 'reader': {
      const read = (): object => thenable(result());
      const reader = member(member({}, 'read', ways.next, odd, read), 'cancel', ways.close, odd, close);
      return member(
        member({}, 'getReader', ways.make, odd, () => reader),
        'cancel',
        ways.close,
        odd,
        close,
      );
    }
    default:
      return thenable('aa');
  }
}

function fails(): never {
  throw new Error('boom');
}
