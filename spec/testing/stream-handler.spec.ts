import { NEVER, of, throwError, type Observable } from 'rxjs';
import { createFlow, serverSentEvents, type ScgiResponse } from '../../lib/index.js';
import { scgiScheduler, streamHandler, type TestResponseHead } from '../../lib/testing/index.js';

const HEAD = { status: 200, headers: {} };
const BOOM = new Error('boom');

describe('streamHandler', () => {
  it('should give the head and the chunks when they go out', () => {
    scgiScheduler().run(({ cold, expectObservable }) => {
      const handler = (): Observable<ScgiResponse> =>
        cold('--r', { r: { status: 201, body: cold('-a-(bc)|') } });
      expectObservable(streamHandler(handler)).toBe('--ha-(bc)|', {
        h: { status: 201, headers: {} },
        a: 'a',
        b: Uint8Array.of(0x62),
        c: 'c',
      });
    });
  });

  it('should give what goes out with the head as a chunk of its own', () => {
    scgiScheduler().run(({ expectObservable }) => {
      const headers = { 'content-length': '2', 'x-a': 'b' };
      const whole = streamHandler(() => ({ headers: { 'X-A': 'b' }, body: 'é' }));
      expectObservable(whole).toBe('(ha|)', { h: { status: 200, headers }, a: 'é' });
      expectObservable(streamHandler(() => ({ status: 204 }))).toBe('(h|)', {
        h: { status: 204, headers: {} },
      });
    });
  });

  it('should show a slow gateway, and a server that drains', () => {
    scgiScheduler().run(({ cold, hot, expectObservable }) => {
      const flow = createFlow({ draining: cold('-------d') });
      flow.holdOutput(hot('--t---f', { t: true, f: false }));
      const handler = () => serverSentEvents(cold('-a-b'));
      expectObservable(streamHandler(handler, {}, { flow })).toBe('ha----b|', {
        h: expect.anything() as unknown as TestResponseHead,
        a: 'data: a\n\n',
        b: 'data: b\n\n',
      });
    });
  });

  it('should error with what the handler, or the body, failed with', () => {
    scgiScheduler().run(({ cold, expectObservable }) => {
      expectObservable(streamHandler(() => throwError(() => BOOM))).toBe('#', {}, BOOM);
      expectObservable(streamHandler(() => ({ body: cold('-a-#', undefined, BOOM) }))).toBe(
        'ha-#',
        { h: HEAD, a: 'a' },
        BOOM,
      );
      const late = () => cold<ScgiResponse>('r--#', { r: { body: cold('a---|') } }, BOOM);
      expectObservable(streamHandler(late)).toBe('(ha)#', { h: HEAD, a: 'a' }, BOOM);
      const send = () => cold<Uint8Array>('--|');
      expectObservable(streamHandler(() => NEVER, {}, { send })).toBe(
        '--#',
        {},
        { code: 'ERR_SCGI_PREMATURE_EOF', offset: 0 },
      );
    });
  });

  it('should cancel the handler when it is unsubscribed', () => {
    scgiScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const body = cold('-a--b');
      expectObservable(
        streamHandler(() => ({ body })),
        '---!',
      ).toBe('ha', { h: HEAD, a: 'a' });
      expectSubscriptions(body.subscriptions).toBe('^--!');
    });
  });

  it('should throw for an unknown option at the call', () => {
    expect(() => streamHandler(() => of({}), {}, { tomeout: 1 } as object)).toThrow(
      /^streamHandler has no option "tomeout"/,
    );
  });
});
