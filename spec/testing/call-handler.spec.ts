import { NEVER, map, of, timer } from 'rxjs';
import { localRedirect, type ScgiHandler, type ScgiRequest } from '../../lib/index.js';
import { callHandler, responseOf, type TestResponse, textOf } from '../../lib/testing/index.js';
import { marbles } from '../helpers/virtual-time/marbles.js';
import { notificationsOf, shown } from '../helpers/virtual-time/responses/calls.js';

const hello: ScgiHandler = ({ method, path }) => of({ body: `${method} ${path}` });

describe('callHandler', () => {
  it('should give status, headers and body, synchronously where the handler is', () => {
    const [response, end] = notificationsOf(
      callHandler(() => of({ status: 404, headers: { 'Set-Cookie': ['a=1', 'b=2'] }, body: 'no' })),
    ) as [TestResponse, string];
    expect(response.status).toBe(404);
    expect([...response.headers]).toEqual([
      ['content-length', '2'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]);
    expect(textOf(response.body)).toBe('no');
    expect(end).toBe('complete');
  });

  it('should hand the request to the handler as a server would', () => {
    const seen: Partial<ScgiRequest>[] = [];
    const handler: ScgiHandler = (request) => {
      const { method, path, query, contentLength } = request;
      seen.push({ method, path, query, contentLength });
      return request.text().pipe(map((text) => ({ body: `${request.headers.get('x-kind')}: ${text}` })));
    };
    const call = callHandler(
      handler,
      {
        method: 'POST',
        uri: '/app/a?b=c',
        headers: { 'X-Kind': 'text' },
        body: 'žluť',
      },
      { mount: '/app' },
    );
    expect(notificationsOf(call.pipe(shown))).toEqual(['200 text: žluť', 'complete']);
    expect(seen).toEqual([{ method: 'POST', path: '/a', query: 'b=c', contentLength: 6 }]);
  });

  it('should call the handler once for each subscription, and not before', () => {
    let calls = 0;
    const call = callHandler(() => of({ body: String(++calls) }));
    expect(calls).toBe(0);
    expect(notificationsOf(call.pipe(shown))).toEqual(['200 1', 'complete']);
    expect(notificationsOf(call.pipe(shown))).toEqual(['200 2', 'complete']);
  });

  it('should send the same body again to a handler that changes what it gets', () => {
    const upsideDown: ScgiHandler = ({ body }) => of({ body: body.pipe(map((chunk) => chunk.reverse())) });
    const call = callHandler(upsideDown, { body: 'abc' });
    expect(notificationsOf(call.pipe(shown))).toEqual(['200 cba', 'complete']);
    expect(notificationsOf(call.pipe(shown))).toEqual(['200 cba', 'complete']);
  });

  it('should run in virtual time', () => {
    marbles(({ cold, expectObservable }) => {
      const handler: ScgiHandler = () => timer(500).pipe(map(() => ({ body: cold('--a--b--|') })));
      expectObservable(callHandler(handler).pipe(shown)).toBe('508ms (r|)', { r: '200 ab' });
    });
  });

  it('should unsubscribe the handler, as when the gateway goes away', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const body = cold('--a--b--c');
      expectObservable(
        callHandler(() => of({ body })),
        '------!',
      ).toBe('---');
      expectSubscriptions(body.subscriptions).toBe('^-----!');
    });
  });

  it('should leave no timer behind that keeps a test waiting', () => {
    marbles(({ expectObservable }) => {
      expectObservable(callHandler(hello).pipe(shown)).toBe('(r|)', { r: '200 GET /' });
    });
    // TestScheduler runs all that is scheduled: a timeout that was left would have come as an error.
    marbles(({ expectObservable }) => expectObservable(callHandler(() => NEVER, { body: 'a' })).toBe('-'));
  });

  it('should send no body in answer to HEAD, as the codec has it', () => {
    const call = callHandler(hello, { method: 'HEAD' });
    expect(
      notificationsOf(call.pipe(map(({ headers, body }) => [headers.get('content-length'), body.length]))),
    ).toEqual([['6', 0], 'complete']);
  });

  it('should show a local redirect by its Location', () => {
    const call = callHandler(() => of(localRedirect('/elsewhere')));
    expect(notificationsOf(call.pipe(map(({ status, headers }) => [status, ...headers])))).toEqual([
      [302, ['location', '/elsewhere']],
      'complete',
    ]);
  });

  it('should throw at the call for what cannot be called', () => {
    expect(() => callHandler(hello, {}, { maxHeaders: 0 })).toThrow(RangeError);
    expect(() => callHandler(hello, { uri: 'a\0b' })).toThrow(TypeError);
    expect(() => callHandler(undefined as unknown as ScgiHandler)).toThrow(TypeError);
  });

  it('should give what responseOf gives', () => {
    const [response] = notificationsOf(callHandler(() => of({ body: 'a' })));
    expect(response).toEqual(
      responseOf(new TextEncoder().encode('Status: 200 OK\r\nContent-Length: 1\r\n\r\na')),
    );
  });
});
