import { Observable, of, take, throwError, type ObservableInput } from 'rxjs';
import { encodeScgi } from '../../../lib/operators/encode-scgi.js';
import { createFlow } from '../../../lib/operators/flow/flow.js';
import { handleScgi } from '../../../lib/operators/handle-scgi.js';
import { serverSentEvents, type ServerSentEvent } from '../../../lib/operators/makers/server-sent-events.js';
import { requestBytes } from '../../../lib/testing/index.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { errorFacts, marbles } from '../../helpers/virtual-time/marbles.js';
import { pauseOutput } from '../../helpers/virtual-time/play-flow.js';
import { LATER_BODIES, turns } from '../../helpers/virtual-time/responses/response-bodies.js';
import { respond } from '../../helpers/virtual-time/responses/respond.js';
import { show } from '../../helpers/wire/wire.js';

type Event = string | ServerSentEvent;

const HEAD =
  'Status: 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nX-Accel-Buffering: no\r\n\r\n';
const BEAT = ':\n\n';

expectNoProcessFaults();

describe('serverSentEvents: a source that pushes', () => {
  it('should have a heartbeat each time that nothing was sent for heartbeatMs', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold<Event>(' --a----b---------|');
      const body = cold('(r|)', { r: serverSentEvents(source, { heartbeatMs: 4 }) }).pipe(encodeScgi());
      expectObservable(body).toBe('h-a---xb---x---x-|', {
        h: HEAD,
        a: 'data: a\n\n',
        b: 'data: b\n\n',
        x: BEAT,
      });
    });
  });

  it('should have none with Infinity', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold<Event>('60m a', { a: '1' });
      const response = serverSentEvents(source, { heartbeatMs: Infinity });
      expectObservable(of(response).pipe(encodeScgi()), '120m !').toBe('h 3599999ms a', {
        h: HEAD,
        a: 'data: 1\n\n',
      });
    });
  });

  it('should queue events for a slow client, up to maxQueuedBytes, and no heartbeats', () => {
    marbles(({ cold, hot, expectObservable }) => {
      const output = '                f-t--------------f-------t----';
      const source = cold<Event>('---a--b-----------------c-defg');
      const flow = createFlow();
      hot(output, { t: true, f: false }).subscribe((paused) => pauseOutput(flow, paused));
      const response = serverSentEvents(source, { heartbeatMs: 8 });
      const result = of(response).pipe(encodeScgi({ flow, maxQueuedBytes: 27 }));
      expectObservable(result).toBe(
        '  h----------------(ab)-x-c----#',
        {
          ...Object.fromEntries([...'abcd'].map((each) => [each, `data: ${each}\n\n`])),
          h: HEAD,
          x: BEAT,
        },
        { code: 'ERR_SCGI_RESPONSE_OVERFLOW', limit: 27, actual: 36 },
      );
    });
  });

  it('should be left when the response is', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Event>('--a--');
      const result = of(serverSentEvents(source, { heartbeatMs: 3 })).pipe(encodeScgi());
      expectObservable(result, '------!').toBe('h-a--x', { h: HEAD, a: 'data: a\n\n', x: BEAT });
      expectSubscriptions(source.subscriptions).toBe('^-----!');
    });
  });

  it('should fail before its head with a synchronous error, and cut the response with a later one', () => {
    marbles(({ cold, expectObservable }) => {
      const boom = new Error('boom');
      const now = of(serverSentEvents(throwError(() => boom))).pipe(encodeScgi());
      expectObservable(now).toBe('#', undefined, boom);
      const later = of(serverSentEvents(cold('--#', undefined, boom))).pipe(encodeScgi());
      expectObservable(later).toBe('h-#', { h: HEAD }, boom);
    });
  });

  it('should stop a synchronous source that the client leaves', () => {
    let made = 0;
    const endless = new Observable<Event>((subscriber) => {
      while (!subscriber.closed && made < 1000) subscriber.next(String(made++));
    });
    const sent: string[] = [];
    of(serverSentEvents(endless))
      .pipe(encodeScgi(), take(3))
      .subscribe((chunk) => sent.push(show(chunk)));
    expect({ sent, made }).toEqual({ sent: [`${HEAD}data: 0\n\n`, 'data: 1\n\n', 'data: 2\n\n'], made: 3 });
  });
});

describe.each(Object.entries(LATER_BODIES).filter(([kind]) => /iter|stream/i.test(kind)))(
  'serverSentEvents: a source that is pulled: %s',
  (_kind, make) => {
    it('should be asked for an event while the client takes them', async () => {
      const { body, give, end, log } = make();
      const { sent, flow } = respond(serverSentEvents(body as ObservableInput<string>, { retryMs: 1 }));
      expect(sent).toEqual([`${HEAD}retry: 1\n\n`]);
      await give('a');
      pauseOutput(flow, true);
      await give('b');
      const asked = log.length;
      await turns();
      expect(log).toHaveLength(asked);
      pauseOutput(flow, false);
      await give('c');
      await end();
      expect(sent.slice(1)).toEqual(['data: a\n\n', 'data: b\n\n', 'data: c\n\n', '|']);
    });
  },
);

describe('serverSentEvents: a source that is pulled', () => {
  it('should have heartbeats while it is asked, and none while the output is paused', () => {
    marbles(({ cold, hot, expectObservable }) => {
      // A thenable as simple as an event of virtual time, in place of a Promise.
      const events = [cold('5ms a'), cold('3ms b')];
      const source = {
        [Symbol.asyncIterator]: () => ({
          next: () => ({
            then: (resolve: (result: unknown) => void) =>
              events.shift()?.subscribe((value) => resolve({ done: false, value })),
          }),
        }),
      } as unknown as AsyncIterable<string>;
      const flow = createFlow();
      hot('------t---------f----', { t: true, f: false }).subscribe((paused) => pauseOutput(flow, paused));
      const result = of(serverSentEvents(source, { heartbeatMs: 4 })).pipe(encodeScgi({ flow }));
      //                              b was asked for before the pause
      expectObservable(result, '---------------------!').toBe('h---xa--b-------x---x', {
        h: HEAD,
        a: 'data: a\n\n',
        b: 'data: b\n\n',
        x: BEAT,
      });
    });
  });
});

describe('serverSentEvents: a server that drains', () => {
  const answer = (source: ObservableInput<Event>, draining: Observable<unknown>) =>
    of(requestBytes()).pipe(
      handleScgi(() => serverSentEvents(source), {
        flow: createFlow({ draining }),
        onError: (error) => {
          throw errorFacts(error);
        },
      }),
    );

  it('should end the stream as complete, and leave its source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Event>('-a-b-c');
      expectObservable(answer(source, cold('----d'))).toBe('ha-b|', {
        h: HEAD,
        a: 'data: a\n\n',
        b: 'data: b\n\n',
      });
      expectSubscriptions(source.subscriptions).toBe('^---!');
    });
  });

  it('should end a stream that begins later at once', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(answer(cold<Event>('-a'), of('draining'))).toBe('(h|)', { h: HEAD });
    });
  });

  it('should let what waits for the client go out first, and take nothing more from a source that is pulled', async () => {
    const draining = new Observable<void>((subscriber) => {
      begin = () => subscriber.next();
    });
    let begin = (): void => undefined;
    const log: string[] = [];
    async function* endless(): AsyncGenerator<string> {
      try {
        for (;;) yield await Promise.resolve('a'.repeat(20_000));
      } finally {
        log.push('finally');
      }
    }
    const flow = createFlow({ draining });
    const sent: string[] = [];
    of(serverSentEvents(endless()))
      .pipe(encodeScgi({ flow }))
      .subscribe({
        next: (chunk) => {
          sent.push(show(chunk));
          if (sent.length === 3) pauseOutput(flow, true);
        },
        complete: () => sent.push('|'),
      });
    await turns();
    begin();
    await turns();
    expect(log).toEqual(['finally']);
    pauseOutput(flow, false);
    expect(sent.at(-1)).toBe('|');
    expect(sent.slice(1, -1).join('')).toMatch(/^(data: a{20000}\n\n)+$/);
  });
});
