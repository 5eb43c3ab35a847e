import {
  EMPTY,
  NEVER,
  VirtualTimeScheduler,
  concat,
  first,
  ignoreElements,
  map,
  mergeMap,
  of,
  reduce,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import type { HandleOptions } from '../../../lib/operators/engine-options.js';
import { createFlow } from '../../../lib/operators/flow/flow.js';
import { handleScgi } from '../../../lib/operators/handle-scgi.js';
import { textOf } from '../../../lib/testing/bytes.js';
import type { ScgiHandler, ScgiResponse } from '../../../lib/operators/types.js';
import { errorAnswerOf } from '../../helpers/virtual-time/responses/answers.js';
import { errorFacts, marbles } from '../../helpers/virtual-time/marbles.js';
import { requestHead, wholeRequest } from '../../helpers/wire/requests.js';
import { wire } from '../../helpers/wire/wire.js';

const HEAD = requestHead(6);
const CHUNKS = {
  g: wholeRequest(''),
  l: HEAD.subarray(0, 5),
  m: HEAD.subarray(5),
  h: HEAD,
  a: wire('abc'),
  b: wire('def'),
};
const BYTES = {
  t: errorAnswerOf(408),
  u: errorAnswerOf(503),
  e: 'Status: 200 OK\r\nContent-Length: 0\r\n\r\n',
};
const PAUSED = { f: false, t: true };
const never = () => NEVER;

/** What onError is told, beside what goes out. */
function told(source: Observable<Uint8Array>, handler: ScgiHandler, options: HandleOptions) {
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(errorFacts(error));
  return { result: source.pipe(handleScgi(handler, { ...options, onError })), errors };
}

describe('headersTimeoutMs', () => {
  it('should answer 408 in its frame when nothing comes, and unsubscribe from the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
      const source = cold<Uint8Array>('----------');
      const expected = '               -----(t|) ';
      const subscription = '           ^----!    ';
      const { result, errors } = told(source, never, { headersTimeoutMs: 5, scheduler });
      expectObservable(result).toBe(expected, BYTES);
      expectSubscriptions(source.subscriptions).toBe(subscription);
      flush();
      expect(errors).toEqual([{ code: 'ERR_SCGI_HEADERS_TIMEOUT', limit: 5, actual: 5 }]);
    });
  });

  it('should run from the connection to the end of the head: a part of it does not prolong it', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const source = cold('---l-------', CHUNKS);
      const expected = '   -----(t|)  ';
      expectObservable(source.pipe(handleScgi(never, { headersTimeoutMs: 5, scheduler }))).toBe(
        expected,
        BYTES,
      );
    });
  });

  it('should not answer a head that is complete in the frame before', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const source = cold('l---m   ', CHUNKS);
      const expected = '   ----(e|)';
      const handle = handleScgi(() => of({}), { headersTimeoutMs: 5, scheduler });
      expectObservable(source.pipe(handle)).toBe(expected, BYTES);
    });
  });

  it('should not count any more once the head is complete', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const source = cold('--g-------', CHUNKS);
      expectObservable(source.pipe(handleScgi(never, { headersTimeoutMs: 5, scheduler }))).toBe('-');
    });
  });

  it('should run for each subscription', () => {
    marbles(({ expectObservable }, scheduler) => {
      const result = NEVER.pipe(handleScgi(never, { headersTimeoutMs: 5, scheduler }));
      expectObservable(result).toBe('     -----(t|)', BYTES);
      expectObservable(result, '---^').toBe('--------(t|)', BYTES);
    });
  });
});

describe('bodyTimeoutMs', () => {
  it('should answer 408 in its frame after the last chunk, error the body, and unsubscribe from the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
      const source = cold(' --h---a---------', CHUNKS);
      const expected = '    -----------(t|) ';
      const subscription = '^----------!    ';
      const { result, errors } = told(source, (request) => request.bytes().pipe(map(() => ({}))), {
        bodyTimeoutMs: 5,
        scheduler,
      });
      expectObservable(result).toBe(expected, BYTES);
      expectSubscriptions(source.subscriptions).toBe(subscription);
      flush();
      expect(errors).toEqual([{ code: 'ERR_SCGI_BODY_TIMEOUT', limit: 5, actual: 5 }]);
    });
  });

  it('should run from the head when no chunk comes', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const source = cold('--h-------', CHUNKS);
      const expected = '   -------(t|)';
      expectObservable(source.pipe(handleScgi(never, { bodyTimeoutMs: 5, scheduler }))).toBe(expected, BYTES);
    });
  });

  it('should not answer chunks that come in the frame before', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const source = cold('h---a---b   ', CHUNKS);
      const expected = '   --------(e|)';
      const handle: ScgiHandler = (request) => request.bytes().pipe(map(() => ({})));
      expectObservable(source.pipe(handleScgi(handle, { bodyTimeoutMs: 5, scheduler }))).toBe(
        expected,
        BYTES,
      );
    });
  });

  it.each([
    ['once the body is complete', 'h-a-b-------'],
    ['when there is no body', '    g-----------'],
  ])('should not count %s', (_, chunks) => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const source = cold(chunks, CHUNKS);
      expectObservable(source.pipe(handleScgi(never, { bodyTimeoutMs: 5, scheduler }))).toBe('-');
    });
  });

  it('should not count while the input is paused, and start again after it', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const flow = createFlow();
      const source = cold('   --h-a----------------------', CHUNKS);
      const late = cold('       --------------x          ', { x: 'x' });
      const expected = '      ---------------------(t|)  ';
      const expectedPause = ' f---t-----------f          ';
      const handle: ScgiHandler = ({ body }) =>
        late.pipe(
          mergeMap(() => body),
          ignoreElements(),
        );
      const options = { flow, bodyHighWaterMark: 3, bodyTimeoutMs: 5, scheduler };
      expectObservable(source.pipe(handleScgi(handle, options))).toBe(expected, BYTES);
      expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
    });
  });

  it.each<[string, ScgiHandler]>([
    ['a body that nobody has taken', () => of({ body: timer(20).pipe(map(() => 'late')) })],
    [
      'a body of which the taker has had enough',
      ({ body }) =>
        body.pipe(
          first(),
          map(() => ({ body: timer(20).pipe(map(() => 'late')) })),
        ),
    ],
  ])('should not cut a response that goes on without %s', (_, handle) => {
    marbles(({ cold, expectObservable }, scheduler) => {
      // As nginx, which sends no more of an upload once it has passed on the head of the response.
      const source = cold('a----------------------', { a: Buffer.concat([HEAD, CHUNKS.a]) });
      const result = source.pipe(
        handleScgi(handle, { bodyTimeoutMs: 5, scheduler }),
        map((bytes) => (textOf(bytes).startsWith('Status: 200') ? 'head' : textOf(bytes))),
        reduce((all, part) => [...all, part], [] as string[]),
      );
      expectObservable(result.pipe(map((all) => all.join(' ')))).toBe('20ms (x|)', { x: 'head late' });
    });
  });

  it('should error the result when the head of the response is out', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const source = cold('--h-a----------', CHUNKS);
      const expected = '   --h-a----#     ';
      const handle: ScgiHandler = ({ body }) => of({ body });
      expectObservable(source.pipe(handleScgi(handle, { bodyTimeoutMs: 5, scheduler }))).toBe(
        expected,
        { h: 'Status: 200 OK\r\n\r\n', a: 'abc' },
        { code: 'ERR_SCGI_BODY_TIMEOUT', limit: 5, actual: 5 },
      );
    });
  });
});

describe('handlerTimeoutMs', () => {
  it('should answer 503 in its frame, cancel the handler, and unsubscribe from the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
      const source = cold('        --g--------', CHUNKS);
      const answer = cold<never>('   ---------');
      const expected = '           -------(u|)';
      const subscription = '       ^-!        ';
      const handlerSubscription = '--^----!   ';
      const { result, errors } = told(source, () => answer, { handlerTimeoutMs: 5, scheduler });
      expectObservable(result).toBe(expected, BYTES);
      expectSubscriptions(source.subscriptions).toBe(subscription);
      expectSubscriptions(answer.subscriptions).toBe(handlerSubscription);
      flush();
      expect(errors).toEqual([{ code: 'ERR_SCGI_HANDLER_TIMEOUT', limit: 5, actual: 5 }]);
    });
  });

  it('should run from the request, whatever comes of its body', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const source = cold('--h--a--b---', CHUNKS);
      const expected = '   -------(u|) ';
      expectObservable(source.pipe(handleScgi(never, { handlerTimeoutMs: 5, scheduler }))).toBe(
        expected,
        BYTES,
      );
    });
  });

  it('should not answer a handler that responds in the frame before', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const source = cold('--g--------', CHUNKS);
      const answer = cold('  ----r    ', { r: {} });
      const expected = '   ------(e|) ';
      const handle = handleScgi(() => answer, { handlerTimeoutMs: 5, scheduler });
      expectObservable(source.pipe(handle)).toBe(expected, BYTES);
    });
  });

  it('should not count once the head of the response is out', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const source = cold('--g--------------', CHUNKS);
      const expected = '   --h-------------';
      const handle = handleScgi(() => of<ScgiResponse>({ body: NEVER }), { handlerTimeoutMs: 5, scheduler });
      expectObservable(source.pipe(handle)).toBe(expected, { h: 'Status: 200 OK\r\n\r\n' });
    });
  });
});

describe('the timeouts of handleScgi', () => {
  it('should be 60 s, 30 s and none by default', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('h', CHUNKS);
      expectObservable(NEVER.pipe(handleScgi(never))).toBe('60s (t|)', BYTES);
      expectObservable(source.pipe(handleScgi(never))).toBe('30s (t|)', BYTES);
      expectObservable(cold('g', CHUNKS).pipe(handleScgi(never)), '^ 1000s !').toBe('-');
    });
  });

  it('should never come for Infinity', () => {
    const scheduler = new VirtualTimeScheduler();
    const none = { headersTimeoutMs: Infinity, bodyTimeoutMs: Infinity, handlerTimeoutMs: Infinity };
    NEVER.pipe(handleScgi(never, { ...none, scheduler })).subscribe();
    concat(of(HEAD), NEVER)
      .pipe(handleScgi(never, { ...none, scheduler }))
      .subscribe();
    expect(scheduler.actions).toEqual([]);
  });

  const thrower = (): never => {
    throw new Error('boom');
  };

  it.each<[string, Observable<Uint8Array>, ScgiHandler]>([
    ['an answer', of(wholeRequest('abc')), () => of({})],
    ['an answer before the body', of(HEAD), () => of({})],
    ['an answer to a fault', of(wire('x')), never],
    ['an answer to an error', of(wholeRequest('')), () => EMPTY],
    ['an answer to what the handler throws, its body still to come', of(HEAD), thrower],
    ['an error', of(HEAD), () => of({ body: throwError(() => new Error('boom')) })],
  ])('should leave nothing scheduled after %s', (_, source, handler) => {
    const scheduler = new VirtualTimeScheduler();
    const options = { headersTimeoutMs: 5, bodyTimeoutMs: 5, handlerTimeoutMs: 5, scheduler };
    concat(source, NEVER).pipe(handleScgi(handler, options)).subscribe();
    expect(scheduler.actions).toEqual([]);
  });

  it('should leave nothing scheduled when it is unsubscribed', () => {
    const scheduler = new VirtualTimeScheduler();
    const options = { headersTimeoutMs: 5, bodyTimeoutMs: 5, handlerTimeoutMs: 5, scheduler };
    for (const source of [NEVER, concat(of(HEAD), NEVER), concat(of(wholeRequest('abc')), NEVER)]) {
      const subscription = source.pipe(handleScgi(never, options)).subscribe();
      expect(scheduler.actions).not.toEqual([]);
      subscription.unsubscribe();
      expect(scheduler.actions).toEqual([]);
    }
  });
});
