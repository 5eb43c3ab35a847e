import { EMPTY, map, of, take, type Observable } from 'rxjs';
import type { RequestEvent } from '../../lib/core/events.js';
import { decodeScgiEvents } from '../../lib/operators/decode-scgi-events.js';
import { everyCut } from '../../lib/testing/index.js';
import { CountedChunks } from '../helpers/virtual-time/counted-chunks.js';
import { logDecodeScgiEvents } from '../helpers/wire/decode-logs.js';
import { marbles } from '../helpers/virtual-time/marbles.js';
import { joined, requestHead, wholeRequest } from '../helpers/wire/requests.js';
import { show, wire } from '../helpers/wire/wire.js';

const HEAD = requestHead(6);
const CHUNKS = { h: HEAD, a: wire('abc'), b: wire('def') };
const EVENTS = { H: 'headers CONTENT_LENGTH,SCGI', A: 'body abc', B: 'body def', E: 'end' };

const lines = map((event: RequestEvent): string => {
  switch (event.type) {
    case 'request-headers':
      return `headers ${Array.from(event.variables, ([name]) => name).join()}`;
    case 'request-body':
      return `body ${show(event.data)}`;
    case 'request-end':
      return 'end';
  }
});

describe('decodeScgiEvents', () => {
  it('should emit headers, body and end as they come, then complete and unsubscribe', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --h--a--b-----|', CHUNKS);
      const expected = '    --H--A--(BE|)  ';
      const subscription = '^-------!      ';
      expectObservable(source.pipe(decodeScgiEvents(), lines)).toBe(expected, EVENTS);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('should emit no body when there is none', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --h-----|', { h: wholeRequest('') });
      const expected = '    --(HE|)  ';
      const subscription = '^-!      ';
      expectObservable(source.pipe(decodeScgiEvents(), lines)).toBe(expected, EVENTS);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('should take all from one chunk, and drop what follows', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --x--x--|', { x: joined(HEAD, wire('abcdef'), wire('surplus')) });
      const expected = '    --(HBE|) ';
      const subscription = '^-!      ';
      expectObservable(source.pipe(decodeScgiEvents(), lines)).toBe(expected, {
        ...EVENTS,
        B: 'body abcdef',
      });
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('should never emit when the source never does', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Uint8Array>('-');
      expectObservable(source.pipe(decodeScgiEvents())).toBe('-');
      expectSubscriptions(source.subscriptions).toBe('^');
    });
  });

  it('should error when the source is empty', () => {
    marbles(({ expectObservable }) => {
      const fault = { code: 'ERR_SCGI_PREMATURE_EOF', offset: 0 };
      expectObservable(EMPTY.pipe(decodeScgiEvents())).toBe('#', {}, fault);
    });
  });

  it('should error when the source completes inside the body', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --h--a--|', CHUNKS);
      const expected = '    --H--A--#';
      const subscription = '^-------!';
      const fault = { code: 'ERR_SCGI_PREMATURE_EOF', offset: HEAD.length + 3 };
      expectObservable(source.pipe(decodeScgiEvents(), lines)).toBe(expected, EVENTS, fault);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('should forward an error of the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --h--#', CHUNKS, 'reset');
      const expected = '    --H--#';
      const subscription = '^----!';
      expectObservable(source.pipe(decodeScgiEvents(), lines)).toBe(expected, EVENTS, 'reset');
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('should emit what comes before a fault of the same chunk first', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--(h|)', CHUNKS);
      const expected = '   --(H#)';
      const fault = { code: 'ERR_SCGI_PREMATURE_EOF', offset: HEAD.length };
      expectObservable(source.pipe(decodeScgiEvents(), lines)).toBe(expected, EVENTS, fault);
    });
  });

  it('should unsubscribe from the source when it is unsubscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  --h--a--b--|', CHUNKS);
      const unsubscribed = ' ------!     ';
      const expected = '     --H--A-     ';
      const subscription = ' ^-----!     ';
      expectObservable(source.pipe(decodeScgiEvents(), lines), unsubscribed).toBe(expected, EVENTS);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('should emit no more from a chunk when one of its events makes the subscriber leave', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  --x-----|', { x: wholeRequest('abcdef') });
      const subscriptions = ['^-!      ', '^-!      ', '^-!      '];
      const events = source.pipe(decodeScgiEvents());
      expectObservable(events.pipe(take(1), lines)).toBe('--(H|)', EVENTS);
      expectObservable(events.pipe(take(2), lines)).toBe('--(HB|)', { ...EVENTS, B: 'body abcdef' });
      expectObservable(events.pipe(take(3), lines)).toBe('--(HBE|)', { ...EVENTS, B: 'body abcdef' });
      expectSubscriptions(source.subscriptions).toBe(subscriptions);
    });
  });

  it.each([
    ['the end', wholeRequest('abcdef'), (result: Observable<RequestEvent>) => result],
    ['its subscriber has left', HEAD, (result: Observable<RequestEvent>) => result.pipe(take(1))],
    ['a fault', wire('x'), (result: Observable<RequestEvent>) => result],
  ])('should stop pulling from a synchronous endless source after %s', (_, first, ending) => {
    const source = new CountedChunks(first, wire('x'));
    ending(source.chunks.pipe(decodeScgiEvents())).subscribe({ error: () => undefined });
    expect(source.count).toBe(1);
  });

  it('should start with fresh state for each subscription', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('    --h--a--b--|     ', CHUNKS);
      const subscriptions = [' ^---!            ', '-----^-------!'];
      const expectedFirst = '  --H              ';
      const expectedSecond = ' -------H--A--(BE|)';
      const result = source.pipe(decodeScgiEvents(), lines);
      expectObservable(result, '^---!').toBe(expectedFirst, EVENTS);
      expectObservable(result, '-----^').toBe(expectedSecond, EVENTS);
      expectSubscriptions(source.subscriptions).toBe(subscriptions);
    });
  });

  it('should give the same result however the request is cut', () => {
    const input = joined(HEAD, wire('abcdef'), wire('surplus'));
    for (const chunks of everyCut(input)) {
      expect(logDecodeScgiEvents(of(...chunks))).toEqual({
        head: 'CONTENT_LENGTH=6 SCGI=1',
        body: 'abcdef',
        end: '|',
      });
    }
  });
});
