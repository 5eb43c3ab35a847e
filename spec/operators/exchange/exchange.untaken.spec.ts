import { NEVER, Subject, type Observable, catchError, concat, map, of, throwError, timer } from 'rxjs';
import { createFlow } from '../../../lib/operators/flow/flow.js';
import { handleScgi } from '../../../lib/operators/handle-scgi.js';
import type { HandleOptions } from '../../../lib/operators/engine-options.js';
import type { ScgiHandler } from '../../../lib/operators/types.js';
import { errorFacts, marbles } from '../../helpers/virtual-time/marbles.js';
import { requestHead } from '../../helpers/wire/requests.js';
import { show } from '../../helpers/wire/wire.js';
import { pauseOutput } from '../../helpers/virtual-time/play-flow.js';

describe('a response that waits for its gateway', () => {
  /** A gateway that takes nothing, of a response that pushes 6 of the 8 bytes that may be queued. */
  function pausedBy(handler: (pushed: Subject<string>) => ScgiHandler): boolean {
    const flow = createFlow();
    pauseOutput(flow, true);
    const pushed = new Subject<string>();
    const options: HandleOptions = { flow, maxQueuedBytes: 8 };
    const exchange = concat(of(requestHead(6)), NEVER)
      .pipe(handleScgi(handler(pushed), options))
      .subscribe();
    pushed.next('abcdef');
    const held = flow.inputPaused.value;
    exchange.unsubscribe();
    return held;
  }

  it('should hold the input where the request’s body is taken', () => {
    const handler = (pushed: Subject<string>): ScgiHandler => {
      return ({ body }) => {
        body.subscribe({ error: () => undefined });
        return of({ body: pushed });
      };
    };
    expect(pausedBy(handler)).toBe(true);
  });

  it('should not hold it where the body is not taken: a gateway that sends all before it reads would wait forever', () => {
    expect(pausedBy((pushed) => () => of({ body: pushed }))).toBe(false);
  });

  it('should release it when the taker unsubscribes', () => {
    const flow = createFlow();
    pauseOutput(flow, true);
    const pushed = new Subject<string>();
    let leave = (): void => undefined;
    const handler: ScgiHandler = ({ body }) => {
      const taking = body.subscribe();
      leave = () => taking.unsubscribe();
      return of({ body: pushed });
    };
    const exchange = concat(of(requestHead(6)), NEVER)
      .pipe(handleScgi(handler, { flow, maxQueuedBytes: 8 }))
      .subscribe();
    pushed.next('abcdef');
    expect(flow.inputPaused.value).toBe(true);
    leave();
    expect(flow.inputPaused.value).toBe(false);
    exchange.unsubscribe();
  });
});

describe('a handler that answers to the error of the body with a body to come', () => {
  /** The head, and what follows it, in virtual time. */
  function recovering(body: () => Observable<unknown>, expected: string, error?: unknown): void {
    marbles(({ cold, expectObservable }, scheduler) => {
      const handler: ScgiHandler = (request) =>
        request.text().pipe(
          map((text) => ({ body: text })),
          catchError(() => of({ status: 408, body: body().pipe(map(() => 'sorry')) })),
        );
      const source = cold('h------------', { h: requestHead(6) });
      const result = source.pipe(
        handleScgi(handler, { bodyTimeoutMs: 2, scheduler }),
        map((bytes) => show(bytes)),
      );
      expectObservable(result).toBe(
        expected,
        { h: 'Status: 408 Request Timeout\r\n\r\n', s: 'sorry' },
        error,
      );
    });
  }

  it('should have its answer sent whole', () => {
    recovering(() => timer(3), '--h--(s|)');
  });

  it('should be cut when that fails as well', () => {
    const boom = new Error('boom');
    recovering(
      () =>
        concat(
          timer(3),
          throwError(() => boom),
        ),
      '--h--(s#)',
      errorFacts(boom),
    );
  });
});
