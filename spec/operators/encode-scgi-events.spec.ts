import { EMPTY, NEVER, concat, finalize, from, of, take, type Observable } from 'rxjs';
import type { ResponseEvent } from '../../lib/core/events.js';
import { encodeScgiEvents } from '../../lib/operators/encode-scgi-events.js';
import { CountedChunks } from '../helpers/virtual-time/counted-chunks.js';
import { errorFacts, marbles } from '../helpers/virtual-time/marbles.js';
import { show, wire } from '../helpers/wire/wire.js';

const EVENTS: Record<string, ResponseEvent> = {
  H: { type: 'response-headers', status: 200, headers: { 'Content-Type': 'text/plain' } },
  L: { type: 'response-headers', headers: { 'Content-Length': '6' } },
  A: { type: 'response-body', data: wire('abc') },
  B: { type: 'response-body', data: wire('def') },
  C: { type: 'response-body', data: wire('') },
  E: { type: 'response-end' },
};
const BYTES = {
  h: 'Status: 200 OK\r\nContent-Type: text/plain\r\n\r\n',
  l: 'Status: 200 OK\r\nContent-Length: 6\r\n\r\n',
  a: 'abc',
  b: 'def',
};
const OUT_OF_ORDER = { code: 'ERR_SCGI_EVENT_ORDER' };

describe('encodeScgiEvents', () => {
  it('should emit a chunk for each event that has bytes, complete at the end, and unsubscribe from the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --H--A--C--B--E--|', EVENTS);
      const expected = '    --h--a-----b--|   ';
      const subscription = '^-------------!   ';
      expectObservable(source.pipe(encodeScgiEvents())).toBe(expected, BYTES);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('should error with ERR_SCGI_NO_RESPONSE when the source is empty', () => {
    marbles(({ expectObservable }) => {
      expectObservable(EMPTY.pipe(encodeScgiEvents())).toBe('#', {}, { code: 'ERR_SCGI_NO_RESPONSE' });
    });
  });

  it('should never emit when the source never does', () => {
    marbles(({ expectObservable }) => {
      expectObservable(NEVER.pipe(encodeScgiEvents())).toBe('-');
    });
  });

  it('should forward an error of the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --H--#', EVENTS, 'boom');
      const expected = '    --h--#';
      const subscription = '^----!';
      expectObservable(source.pipe(encodeScgiEvents())).toBe(expected, BYTES, 'boom');
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('should unsubscribe from the source when it is unsubscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  --H--A--E--|', EVENTS);
      const unsubscribed = ' ----!       ';
      const expected = '     --h--       ';
      const subscription = ' ^---!       ';
      expectObservable(source.pipe(encodeScgiEvents()), unsubscribed).toBe(expected, BYTES);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('should start with fresh state for each subscription', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('    --H--A--E--|     ', EVENTS);
      const subscriptions = [' ^-------!        ', '-----^-------!   '];
      const expectedFirst = '  --h--a--|        ';
      const expectedSecond = ' -------h--a--|   ';
      const result = source.pipe(encodeScgiEvents());
      expectObservable(result, '     ^').toBe(expectedFirst, BYTES);
      expectObservable(result, '-----^').toBe(expectedSecond, BYTES);
      expectSubscriptions(source.subscriptions).toBe(subscriptions);
    });
  });

  it.each([
    ['a body', '  --HEA-|'],
    ['an end', '  --HEE-|'],
    ['a head', '  --HEH-|'],
    ['an error', '--HE-#'],
  ])('should ignore %s after the end', (_, events) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(events, EVENTS, 'boom');
      expectObservable(source.pipe(encodeScgiEvents())).toBe('--h|', BYTES);
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  it('should complete before it unsubscribes from the source', () => {
    const log: string[] = [];
    concat(of(EVENTS.H!, EVENTS.E!), NEVER)
      .pipe(
        finalize(() => log.push('finalized')),
        encodeScgiEvents(),
      )
      .subscribe({ complete: () => log.push('complete') });
    expect(log).toEqual(['complete', 'finalized']);
  });

  it('should error with ERR_SCGI_BODY_TYPE when data is not bytes', () => {
    const text = { type: 'response-body', data: 'abc' } as unknown as ResponseEvent;
    expect(logOf(from([EVENTS.H!, text]))).toEqual([BYTES.h, { code: 'ERR_SCGI_BODY_TYPE' }]);
  });

  it.each([
    ['its subscriber has left', EVENTS.H!, (result: Observable<Uint8Array>) => result.pipe(take(1))],
    ['a fault', EVENTS.A!, (result: Observable<Uint8Array>) => result],
  ])('should stop pulling from a synchronous endless source after %s', (_, first, ending) => {
    const source = new CountedChunks<ResponseEvent>(first, EVENTS.A);
    ending(source.chunks.pipe(encodeScgiEvents())).subscribe({ error: () => undefined });
    expect(source.count).toBe(1);
  });

  it.each([
    ['the body comes before the head', '--A-E|', '--#   ', '^-!   '],
    ['the end comes before the head', ' --E--|', '--#   ', '^-!   '],
    ['a second head comes', '           --H-H|', '--h-# ', '^---! '],
    ['the source completes without an end', '--HA|', '--ha#', '^---!'],
  ])('should error with ERR_SCGI_EVENT_ORDER when %s', (_, events, expected, subscription) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(events, EVENTS);
      expectObservable(source.pipe(encodeScgiEvents())).toBe(expected, BYTES, OUT_OF_ORDER);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('should error when an event has an unknown type', () => {
    const misspelt = { type: 'response_body', data: wire('abc') } as unknown as ResponseEvent;
    expect(logOf(from([EVENTS.H!, misspelt, EVENTS.E!]))).toEqual([BYTES.h, expect.any(TypeError)]);
  });

  it.each([
    ['exactly as long as Content-Length', '--L-A-B-E|', '--l-a-b-|', undefined],
    ['longer than Content-Length', '       --L-A-BBE|', '--l-a-b#  ', { code: 'ERR_SCGI_BODY_LENGTH' }],
    ['shorter than Content-Length', '      --L-A---E|', '--l-a---# ', { code: 'ERR_SCGI_BODY_LENGTH' }],
  ])('should hold a body to its Content-Length when it is %s', (_, events, expected, error) => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold(events, EVENTS).pipe(encodeScgiEvents())).toBe(expected, BYTES, error);
    });
  });

  it.each([
    ['ERR_SCGI_HEADER_HOP_BY_HOP', { headers: { 'Transfer-Encoding': 'chunked' } }],
    ['ERR_SCGI_HEADER_INVALID', { headers: { 'X-A': 'b\r\nX-C: d' } }],
    ['ERR_SCGI_HEADER_INVALID', { headers: { 'X-A': '\u010d\u010a' } }],
    ['ERR_SCGI_STATUS_INVALID', { status: 199 }],
    ['ERR_SCGI_STATUS_INVALID', { status: 600 }],
    ['ERR_SCGI_REDIRECT_HEADERS', { headers: { Location: '/x', 'X-A': 'b' } }],
  ])('should error with %s before a byte goes out for %j', (code, head) => {
    const log = logOf(from<ResponseEvent[]>([{ type: 'response-headers', ...head }, EVENTS.E!]));
    expect(log).toEqual([{ code }]);
  });

  it.each([
    [200, {}, 'Status: 200 OK\r\n\r\n'],
    [599, {}, 'Status: 599 Status\r\n\r\n'],
    ['404 Nothing Here', {}, 'Status: 404 Nothing Here\r\n\r\n'],
    [undefined, { Location: '/x' }, 'Location: /x\r\n\r\n'],
    [undefined, { Location: 'http://a/' }, 'Status: 302 Found\r\nLocation: http://a/\r\n\r\n'],
  ])('should write the head of status %p with %j', (status, headers, expected) => {
    const log = logOf(from<ResponseEvent[]>([{ type: 'response-headers', status, headers }, EVENTS.E!]));
    expect(log).toEqual([expected, '|']);
  });

  it('should error with ERR_SCGI_REDIRECT_HEADERS when a local redirect has a body', () => {
    const head: ResponseEvent = { type: 'response-headers', headers: { Location: '/x' } };
    const log = logOf(from([head, EVENTS.C!, EVENTS.A!, EVENTS.E!]));
    expect(log).toEqual(['Location: /x\r\n\r\n', { code: 'ERR_SCGI_REDIRECT_HEADERS' }]);
  });

  it.each([
    ['HEAD', 200, 'Status: 200 OK\r\nContent-Length: 6\r\n\r\n'],
    ['GET', 204, 'Status: 204 No Content\r\n\r\n'],
    ['GET', 304, 'Status: 304 Not Modified\r\n\r\n'],
  ])('should send no body, and count none, in answer to %s with %d', (requestMethod, status, expected) => {
    const head: ResponseEvent = { type: 'response-headers', status, headers: { 'Content-Length': '6' } };
    expect(logOf(from([head, EVENTS.A!, EVENTS.E!]), requestMethod)).toEqual([expected, '|']);
    expect(logOf(from([head, EVENTS.E!]), requestMethod)).toEqual([expected, '|']);
  });
});

function logOf(events: Observable<ResponseEvent>, requestMethod?: string): unknown[] {
  const log: unknown[] = [];
  events.pipe(encodeScgiEvents({ requestMethod })).subscribe({
    next: (bytes) => log.push(show(bytes)),
    error: (error: unknown) => log.push(errorFacts(error)),
    complete: () => log.push('|'),
  });
  return log;
}
