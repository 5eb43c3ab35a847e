/** Runs the recipe of docs/recipes/limits.md, in virtual time. */
import { NEVER, concat, defer, delay, map, mergeMap, of, throwError, timer, type Observable } from 'rxjs';
import type { AnyScgiHandler } from '../../../lib/index.js';
import { callHandler, scgiScheduler } from '../../../lib/testing/index.js';
import { loadRecipe } from '../../helpers/docs/recipes.js';

type Ask = (query: string) => Observable<unknown>;

const { createHandler } = loadRecipe('limits.mjs', { MAX_CLIENTS: '200' }) as {
  createHandler: (ask: Ask) => AnyScgiHandler;
};

/** The status of the answer to a GET from a client, or the error's. */
const statusOf = (handler: AnyScgiHandler, REMOTE_ADDR = '192.0.2.1') =>
  callHandler(handler, { variables: { REMOTE_ADDR } }).pipe(map(({ status }) => status));

describe('examples/recipes/limits.mjs', () => {
  it('should ask a service that fails twice more', () => {
    scgiScheduler().run(({ expectObservable }) => {
      let calls = 0;
      const failing = (most: number) => () =>
        defer(() => (++calls % 4 <= most ? throwError(() => new Error('busy')) : of(calls)));
      expectObservable(statusOf(createHandler(failing(2)))).toBe('300ms (a|)', { a: 200 });
      expectObservable(timer(1000).pipe(map(() => calls))).toBe('1s (a|)', { a: 3 });
    });
    scgiScheduler().run(({ expectObservable }) => {
      const broken = statusOf(createHandler(() => throwError(() => new Error('busy'))));
      expectObservable(broken).toBe('300ms #', undefined, expect.objectContaining({ message: 'busy' }));
    });
  });

  it('should answer 503 after 2 s', () => {
    scgiScheduler().run(({ expectObservable }) => {
      const late = statusOf(createHandler(() => NEVER));
      expectObservable(late).toBe('2s #', undefined, expect.objectContaining({ status: 503 }));
    });
  });

  it('should ask ten times at once, let 100 wait, and refuse one more', () => {
    scgiScheduler().run(({ expectObservable }) => {
      let asking = 0;
      const handler = createHandler(() =>
        defer(() => {
          asking++;
          return of('x').pipe(delay(100));
        }),
      );
      const clients = Array.from({ length: 111 }, (_, index) => `192.0.2.${index}`);
      const calls = clients.map((client) => statusOf(handler, client));
      calls.slice(0, 110).forEach((call) => call.subscribe());
      expect(asking).toBe(10);
      expectObservable(calls[110]!).toBe('#', undefined, expect.objectContaining({ status: 503 }));
      expectObservable(timer(150).pipe(map(() => asking))).toBe('150ms (a|)', { a: 20 });
    });
  });

  it('should answer 429 to a client that asks too often, until its time is over', () => {
    scgiScheduler().run(({ expectObservable }) => {
      const handler = createHandler(() => of('x'));
      for (let count = 0; count < 20; count++) expectObservable(statusOf(handler)).toBe('(a|)', { a: 200 });
      expectObservable(statusOf(handler)).toBe('(a|)', { a: 429 });
      expectObservable(statusOf(handler, '192.0.2.2')).toBe('(a|)', { a: 200 });
      const later = timer(10_000).pipe(mergeMap(() => statusOf(handler)));
      expectObservable(later).toBe('10s (a|)', { a: 200 });
    });
  });

  it('should remember a bounded number of clients', () => {
    scgiScheduler().run(() => {
      const handler = createHandler(() => of('x'));
      const statuses: number[] = [];
      for (let client = 0; client <= 200; client++)
        statusOf(handler, `client ${client}`).subscribe((status) => statuses.push(status));
      expect(statuses.slice(-2)).toEqual([200, 429]);
      statusOf(handler, 'client 0').subscribe((status) => expect(status).toBe(200));
    });
  });

  it('should end an upload that pauses for 10 s, and none that is slow', () => {
    scgiScheduler().run(({ cold, expectObservable }) => {
      const put = { method: 'PUT', body: 'ab' };
      const upload = (rest: string) =>
        callHandler(
          createHandler(() => NEVER),
          put,
          {
            bodyTimeoutMs: Infinity,
            send: (bytes) => concat(of(bytes.subarray(0, -1)), cold(rest, { b: bytes.subarray(-1) })),
          },
        ).pipe(map(({ body }) => body));
      expectObservable(upload('9s b|')).toBe('9s (a|)', { a: '2 bytes\n' });
      expectObservable(upload('11s b|')).toBe('10s #', undefined, { code: 'ERR_SCGI_IDLE_TIMEOUT' });
    });
  });
});
