import {
  NEVER,
  Subject,
  catchError,
  concat,
  config,
  defer,
  finalize,
  forkJoin,
  map,
  merge,
  mergeMap,
  of,
  retry,
  share,
  timer,
  type Observable,
  type Subscription,
} from 'rxjs';
import { handleScgi } from '../../../lib/operators/handle-scgi.js';
import { pullMap } from '../../../lib/operators/pull-map.js';
import type { AnyScgiHandler, ScgiRequest, ScgiResponse } from '../../../lib/operators/types.js';
import { errorFacts } from '../../helpers/virtual-time/marbles.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { requestHead } from '../../helpers/wire/requests.js';
import { turns } from '../../helpers/virtual-time/responses/response-bodies.js';
import { show, wire } from '../../helpers/wire/wire.js';

const RESET = new Error('reset');
const GONE = { code: 'ERR_SCGI_GATEWAY_GONE', offset: requestHead(6).length + 3 };
const ignore = (): void => undefined;

expectNoProcessFaults();

type Reader = (request: ScgiRequest) => unknown;

/** Readers that hear of no error. */
const DEAF: [string, Reader][] = [
  ['body.subscribe(f)', ({ body }) => body.subscribe(ignore)],
  ['body.subscribe({ next })', ({ body }) => body.subscribe({ next: ignore })],
  ['body.subscribe()', ({ body }) => body.subscribe()],
  ['text().subscribe(f)', (request) => request.text().subscribe(ignore)],
  ['json().subscribe(f)', (request) => request.json().subscribe(ignore)],
  ['bytes().subscribe(f)', (request) => request.bytes().subscribe(ignore)],
  ['body.pipe(map(g)).subscribe(f)', ({ body }) => body.pipe(map(show)).subscribe(ignore)],
  [
    'body.pipe(pullMap(g)).subscribe(f)',
    ({ body }) => body.pipe(pullMap((chunk) => of(chunk))).subscribe(ignore),
  ],
  [
    'body.pipe(map(g), pullMap(g)).subscribe(f)',
    ({ body }) =>
      body
        .pipe(
          map(show),
          pullMap((chunk) => of(chunk)),
        )
        .subscribe(ignore),
  ],
  ['body.pipe(retry()).subscribe(f)', ({ body }) => body.pipe(retry(1)).subscribe(ignore)],
  ['body.pipe(share()).subscribe(f)', ({ body }) => body.pipe(share()).subscribe(ignore)],
  ['merge(body, more).subscribe(f)', ({ body }) => merge(body, NEVER).subscribe(ignore)],
  ['concat(more, body).subscribe(f)', ({ body }) => concat(of(1), body).subscribe(ignore)],
  ['defer(body).subscribe(f)', ({ body }) => defer(() => body).subscribe(ignore)],
  ['forkJoin(text()).subscribe(f)', (request) => forkJoin([request.text()]).subscribe(ignore)],
  [
    'of(request).pipe(mergeMap(text)).subscribe(f)',
    (request) =>
      of(request)
        .pipe(mergeMap((r) => r.text()))
        .subscribe(ignore),
  ],
  ['for await', ({ body }) => void loop(body)],
];

const ANSWER: ScgiResponse = { status: 202 };

/** How the answer comes: before the exchange ends, or not. */
const HANDLERS: [string, () => ReturnType<AnyScgiHandler>][] = [
  ['answered at once', () => of(ANSWER)],
  ['not answered yet', () => NEVER],
  ['answered with a body under way', () => of({ body: NEVER })],
];

/** How the exchange ends, three bytes before its body does. */
const ENDINGS: [string, (source: Subject<Uint8Array>, exchange: Subscription) => void][] = [
  ['by a FIN inside the body', (source) => source.complete()],
  ['by a reset', (source) => source.error(RESET)],
  ['when the connection is given up', (_, exchange) => exchange.unsubscribe()],
];

function exchange(handler: AnyScgiHandler) {
  const source = new Subject<Uint8Array>();
  const onError = jest.fn();
  const subscription = source.pipe(handleScgi(handler, { onError })).subscribe({ error: ignore });
  source.next(requestHead(6));
  source.next(wire('abc'));
  return { source, subscription };
}

describe.each(DEAF)('a body read aside by %s', (_, read) => {
  describe.each(HANDLERS)('with a request %s', (_, answer) => {
    it.each(ENDINGS)('should end nothing but the exchange that ends %s', async (_, end) => {
      const { source, subscription } = exchange((request) => {
        read(request);
        return answer();
      });
      await turns();
      end(source, subscription);
      // RxJS reports an error that nobody hears after a timer.
      await new Promise((resolve) => setTimeout(resolve));
      expect(source.observed).toBe(false);
    });
  });
});

describe('a reader of a body', () => {
  it('should have its finalizers run when the exchange ends first', () => {
    const finalized = jest.fn();
    exchange(({ body }) => {
      body.pipe(map(show), finalize(finalized)).subscribe(ignore);
      return of(ANSWER);
    });
    expect(finalized).toHaveBeenCalledTimes(1);
  });

  it('should get the error at its operators, though its end does not hear it', () => {
    const log: unknown[] = [];
    exchange(({ body }) => {
      body
        .pipe(
          map(show),
          catchError((error: unknown) => of(errorFacts(error))),
        )
        .subscribe((value) => log.push(value));
      return timer(0).pipe(map(() => ANSWER));
    }).subscription.unsubscribe();
    expect(log).toEqual(['abc', GONE]);
  });

  it('should get ERR_SCGI_GATEWAY_GONE where it hears errors', () => {
    const log: unknown[] = [];
    const { subscription } = exchange(({ body }) => {
      body.subscribe({ error: (error: unknown) => log.push(errorFacts(error)) });
      return NEVER;
    });
    subscription.unsubscribe();
    expect(log).toEqual([GONE]);
  });

  it('should report what the application itself throws', async () => {
    const unhandled = await unhandledErrors(() => {
      const { subscription } = exchange(({ body }) => {
        body.pipe(catchError(() => fail(RESET))).subscribe(ignore);
        return NEVER;
      });
      subscription.unsubscribe();
    });
    expect(unhandled).toEqual([RESET]);
  });
});

describe('a for await loop', () => {
  it.each<[string, (loop: Promise<string>) => ReturnType<AnyScgiHandler>]>([
    ['an async handler waits for', async (loop) => ({ body: await loop })],
    [
      'a generator of the response’s body runs',
      (loop) =>
        of({
          body: (async function* () {
            yield 'a';
            yield await loop;
          })(),
        }),
    ],
  ])('that %s should get the error, so that its finally runs', async (_, answer) => {
    for (const [, end] of ENDINGS) {
      let log = '';
      const { source, subscription } = exchange((request) =>
        answer(
          Promise.resolve().then(async () => {
            try {
              return await loop(request.body);
            } catch (error) {
              log += isOurs(error) ? 'error,' : 'other,';
              throw error;
            } finally {
              log += 'finally';
            }
          }),
        ),
      );
      await turns();
      end(source, subscription);
      await turns();
      expect(log).toBe('error,finally');
    }
  });

  it('that nobody waits for should not be resumed after the exchange', async () => {
    let chunks = 0;
    let over = false;
    exchange(({ body }) => {
      void (async () => {
        try {
          for await (const _ of body) chunks++;
        } finally {
          over = true;
        }
      })();
      return timer(0).pipe(map(() => ANSWER));
    }).subscription.unsubscribe();
    await turns();
    expect({ chunks, over }).toEqual({ chunks: 1, over: false });
  });

  it('that nobody waits for should not be resumed when it begins after the exchange', async () => {
    const settled = jest.fn();
    const { source } = exchange(({ body }) => {
      void turns().then(async () => {
        await loop(body);
        settled();
      });
      return of(ANSWER);
    });
    source.next(wire('def'));
    await turns();
    await turns();
    expect(settled).not.toHaveBeenCalled();
  });

  it('that an async handler begins late and waits for should get the error', async () => {
    const settled = jest.fn();
    const { subscription } = exchange(async ({ body }) => {
      await turns();
      await loop(body).catch(settled);
      return ANSWER;
    });
    subscription.unsubscribe();
    await turns();
    await turns();
    expect(settled).toHaveBeenCalledWith(expect.objectContaining({ code: 'ERR_SCGI_BODY_USED' }));
  });

  it('should not be resumed either when it asks for more after the exchange', async () => {
    const iterators: AsyncIterator<Uint8Array>[] = [];
    const { subscription } = exchange(({ body }) => {
      const iterator = body[Symbol.asyncIterator]();
      iterators.push(iterator);
      void iterator.next();
      return NEVER;
    });
    subscription.unsubscribe();
    const settled = jest.fn();
    iterators[0]!.next().then(settled, settled);
    await turns();
    expect(settled).not.toHaveBeenCalled();
  });
});

/** What RxJS reports as unhandled. */
async function unhandledErrors(act: () => void): Promise<unknown[]> {
  const errors: unknown[] = [];
  config.onUnhandledError = (error: unknown) => errors.push(error);
  act();
  await new Promise((resolve) => setTimeout(resolve));
  config.onUnhandledError = null;
  return errors;
}

async function loop(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of body) text += show(chunk);
  return text;
}

function isOurs(error: unknown): boolean {
  return error === RESET || String((error as { code?: string }).code).startsWith('ERR_SCGI_');
}

function fail(error: Error): Observable<never> {
  throw error;
}
