import {
  NEVER,
  concat,
  concatMap,
  delay,
  from,
  map,
  of,
  take,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { createFlow, type ScgiHandler } from '../../lib/index.js';
import { callHandler, cut, textOf } from '../../lib/testing/index.js';
import { errorFacts, marbles } from '../helpers/virtual-time/marbles.js';
import { notificationsOf, shown } from '../helpers/virtual-time/responses/calls.js';
import { pauseOutput } from '../helpers/virtual-time/play-flow.js';

describe('the options of callHandler', () => {
  describe('timeouts', () => {
    it('should end a call by handlerTimeoutMs', () => {
      marbles(({ expectObservable }) => {
        const call = callHandler(() => NEVER, {}, { handlerTimeoutMs: 20 });
        const expected = '20ms #';
        expectObservable(call).toBe(
          expected,
          {},
          { code: 'ERR_SCGI_HANDLER_TIMEOUT', limit: 20, actual: 20 },
        );
      });
    });

    it('should run on the scheduler that is given', () => {
      const scheduler = new TestScheduler(() => undefined);
      const seen: unknown[] = [];
      callHandler(() => NEVER, {}, { handlerTimeoutMs: 20, scheduler }).subscribe({
        error: (error: unknown) => seen.push(errorFacts(error), scheduler.now()),
      });
      expect(seen).toEqual([]);
      scheduler.flush();
      expect(seen).toEqual([{ code: 'ERR_SCGI_HANDLER_TIMEOUT', limit: 20, actual: 20 }, 20]);
    });

    it('should end a call by bodyTimeoutMs when the rest of the request does not come', () => {
      marbles(({ expectObservable }) => {
        const handler: ScgiHandler = (request) => request.text().pipe(map((body) => ({ body })));
        const send = (bytes: Uint8Array): Observable<Uint8Array> => concat(of(bytes.subarray(0, -1)), NEVER);
        const call = callHandler(handler, { body: 'abc' }, { send, bodyTimeoutMs: 20 });
        const expected = '20ms #';
        expectObservable(call).toBe(expected, {}, { code: 'ERR_SCGI_BODY_TIMEOUT', limit: 20, actual: 20 });
      });
    });
  });

  describe('send', () => {
    const echo: ScgiHandler = ({ body }) => of({ body: body.pipe(map((chunk) => `${textOf(chunk)},`)) });
    const slowly = (bytes: Uint8Array): Observable<Uint8Array> =>
      from(cut(bytes, bytes.length - 2, 1)).pipe(concatMap((chunk) => of(chunk).pipe(delay(5))));

    it('should decide when which bytes come', () => {
      marbles(({ expectObservable }) => {
        const call = callHandler(echo, { body: 'abc' }, { send: slowly });
        expectObservable(call.pipe(shown)).toBe('15ms (r|)', { r: '200 a,b,c,' });
      });
    });

    it('should be held while the input is paused', () => {
      marbles(({ cold, expectObservable }) => {
        const flow = createFlow();
        const body = 'x'.repeat(10);
        // Takes the body after 20 ms: until then two bytes of it fill the mark.
        const late: ScgiHandler = (request) =>
          timer(20).pipe(map(() => ({ body: request.body.pipe(map((chunk) => `${textOf(chunk)},`)) })));
        const call = callHandler(
          late,
          { body },
          {
            flow,
            bodyHighWaterMark: 2,
            send: (bytes) =>
              concat(cold('(a|)', { a: bytes.subarray(0, -10) }), from(cut(bytes.slice(-10), 2, 2, 2, 2))),
          },
        );
        expectObservable(flow.inputPaused.pipe(take(3))).toBe('(ft)----------------(f|)', {
          f: false,
          t: true,
        });
        expectObservable(call.pipe(shown)).toBe('20ms (r|)', { r: '200 xx,xx,xx,xx,xx,' });
      });
    });

    it('should send chunks of 64 KiB by default, as a socket does', () => {
      const lengths: ScgiHandler = ({ body }) => of({ body: body.pipe(map((chunk) => `${chunk.length},`)) });
      const call = callHandler(lengths, { body: new Uint8Array(131_072) });
      expect(notificationsOf(call.pipe(shown))).toEqual([
        expect.stringMatching(/^200 65[0-9]{3},65536,[0-9]+,$/),
        'complete',
      ]);
    });

    it('should let a body wait that is larger than maxQueuedBytes', () => {
      marbles(({ expectObservable }) => {
        const late: ScgiHandler = (request) =>
          timer(9).pipe(
            concatMap(() => request.bytes()),
            map(({ length }) => ({ body: String(length) })),
          );
        const call = callHandler(
          late,
          { body: new Uint8Array(1_000_000) },
          { maxQueuedBytes: 131_072, maxBodyBytes: 1e6 },
        );
        expectObservable(call.pipe(shown)).toBe('9ms (r|)', { r: '200 1000000' });
      });
    });

    it('should have its own error be the end of the connection', () => {
      const lost = new Error('lost');
      const call = callHandler(
        () => NEVER,
        { body: 'abc' },
        {
          send: (bytes) =>
            concat(
              of(bytes.subarray(0, -1)),
              throwError(() => lost),
            ),
        },
      );
      expect(notificationsOf(call)).toEqual([lost]);
    });
  });

  it('should play the slow gateway by outputPaused of the flow that is given', () => {
    marbles(({ cold, expectObservable }) => {
      const flow = createFlow();
      cold('f--t---f', { f: false, t: true }).subscribe((paused) => pauseOutput(flow, paused));
      const lines = function* (): Generator<string> {
        yield* ['a', 'b'];
      };
      const handler: ScgiHandler = () => timer(4).pipe(map(() => ({ body: lines() })));
      expectObservable(callHandler(handler, {}, { flow }).pipe(shown)).toBe('-------(r|)', { r: '200 ab' });
    });
  });
});
