import { map, mergeMap, of, type Observable } from 'rxjs';
import { decodeScgi } from '../../../lib/operators/decode-scgi.js';
import type { DecodeOptions } from '../../../lib/operators/engine-options.js';
import { createFlow } from '../../../lib/operators/flow/flow.js';
import type { ScgiRequest } from '../../../lib/operators/types.js';
import { everyCut } from '../../../lib/testing/index.js';
import { countAllocatedBytes } from '../../helpers/count-allocated-bytes.js';
import { byteByByte, cut } from '../../helpers/wire/cuts.js';
import { errorFacts, marbles } from '../../helpers/virtual-time/marbles.js';
import { requestHead, wholeRequest } from '../../helpers/wire/requests.js';
import { show, wire } from '../../helpers/wire/wire.js';

const CHUNKS = { h: requestHead(6), a: wire('abc'), b: wire('def'), c: wire('123'), d: wire('456') };
const PAUSED = { f: false, t: true };

/** What one of the methods gives of the request of `source`. */
function collected<T>(
  source: Observable<Uint8Array>,
  method: (request: ScgiRequest) => Observable<T>,
  options?: DecodeOptions,
): Observable<T> {
  return source.pipe(decodeScgi(options), mergeMap(method));
}
const bytes = (request: ScgiRequest) => request.bytes();
const text = (request: ScgiRequest) => request.text();
const json = (request: ScgiRequest) => request.json();

describe('request.bytes', () => {
  it('should emit all of the body at its end, once', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --h--a--b--|  ', CHUNKS);
      const expected = '    --------(x|)  ';
      const subscription = '^-------!     ';
      expectObservable(collected(source, bytes)).toBe(expected, { x: 'abcdef' });
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('should emit no bytes for an empty body', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--h', { h: wholeRequest('') });
      expectObservable(collected(source, bytes)).toBe('--(x|)', { x: '' });
    });
  });

  it('should never emit when the body does not end', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(collected(cold('--h--a--', CHUNKS), bytes)).toBe('-');
    });
  });

  it('should emit nothing of a body that breaks off', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--h--a--|', CHUNKS);
      const fault = { code: 'ERR_SCGI_PREMATURE_EOF', offset: CHUNKS.h.length + 3 };
      expectObservable(collected(source, bytes)).toBe('--------#', {}, fault);
    });
  });

  it('should unsubscribe from the body when it is unsubscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  --h--a--b--|', CHUNKS);
      const unsubscribed = ' ------!     ';
      const subscription = ' ^-----!     ';
      expectObservable(collected(source, bytes), unsubscribed).toBe('-');
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('should take the body when it is subscribed, not when it is called', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--h--a--b--|', CHUNKS);
      const both = mergeMap((request: ScgiRequest) => {
        request.bytes();
        return request.body;
      });
      expectObservable(source.pipe(decodeScgi(), both)).toBe('-----a--(b|)', CHUNKS);
    });
  });

  it('should error with ERR_SCGI_BODY_USED the second time', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--h--a--b--|', CHUNKS);
      const twice = mergeMap((request: ScgiRequest) => [request.bytes(), request.bytes()]);
      const result = source.pipe(
        decodeScgi(),
        twice,
        mergeMap((body) => body),
      );
      expectObservable(result).toBe('--#', {}, { code: 'ERR_SCGI_BODY_USED' });
    });
  });

  it('should not pause the input, however much it collects', () => {
    marbles(({ cold, expectObservable }) => {
      const flow = createFlow();
      const source = cold('--h--a--b--|', CHUNKS);
      expectObservable(collected(source, bytes, { flow, bodyHighWaterMark: 1 })).toBe('--------(x|)', {
        x: 'abcdef',
      });
      expectObservable(flow.inputPaused).toBe('f', PAUSED);
    });
  });

  it.each([
    ['maxQueuedBytes', { maxQueuedBytes: 6 }, { maxQueuedBytes: 5 }],
    [
      'maxQueuedBytes, where maxBodyBytes is Infinity',
      { maxQueuedBytes: 6 },
      { maxQueuedBytes: 5, maxBodyBytes: Infinity },
    ],
  ])(
    'should collect up to %s, and error at one byte more without taking the body',
    (_, enough, tooLittle) => {
      marbles(({ cold, expectObservable }) => {
        const source = cold('--h--a--b--|', CHUNKS);
        const error = { code: 'ERR_SCGI_BODY_TOO_LARGE', limit: 5, actual: 6 };
        expectObservable(collected(source, bytes, enough)).toBe('   --------(x|)', { x: 'abcdef' });
        expectObservable(collected(source, bytes, tooLittle)).toBe('--#', {}, error);
      });
    },
  );

  it('should collect up to maxBodyBytes though that is more than maxQueuedBytes', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--h--a--b--|', CHUNKS);
      const options = { maxBodyBytes: 6, maxQueuedBytes: 3 };
      expectObservable(collected(source, bytes, options)).toBe('--------(x|)', { x: 'abcdef' });
    });
  });

  it('should cost no more memory than has come, whatever length was announced', () => {
    const head = requestHead(16_000_000);
    const allocated = countAllocatedBytes(() => {
      collected(of(head, wire('abc')), bytes).subscribe({ error: () => undefined });
    });
    expect(allocated).toBeLessThan(2048);
  });

  it('should give the same result however the body is cut', () => {
    const input = wholeRequest('abcdef');
    for (const chunks of everyCut(input)) {
      const log: string[] = [];
      collected(of(...chunks), bytes).subscribe((all) => log.push(show(all)));
      expect(log).toEqual(['abcdef']);
    }
  });
});

describe('request.text', () => {
  it('should emit the body as text', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--h--a--b--|', CHUNKS);
      expectObservable(collected(source, text)).toBe('--------(x|)', { x: 'abcdef' });
    });
  });

  it.each([
    ['UTF-8', 'caf\xc3\xa9 \xf0\x9f\x8d\xaa', 'café 🍪'],
    ['a byte order mark', '\xef\xbb\xbfa', 'a'],
    ['what is no UTF-8', 'caf\xe9', 'caf\ufffd'],
    ['nothing', '', ''],
  ])('should decode %s, however it is cut', (_, body, expected) => {
    for (const sizes of [[], byteByByte(200)]) {
      const log: string[] = [];
      collected(of(...cut(wholeRequest(body), sizes)), text).subscribe((all) => log.push(all));
      expect(log).toEqual([expected]);
    }
  });

  it('should be bounded as bytes is', () => {
    expect(outcome(text, 'abcdef', { maxQueuedBytes: 5 })).toEqual({
      code: 'ERR_SCGI_BODY_TOO_LARGE',
      limit: 5,
      actual: 6,
    });
  });
});

describe('request.json', () => {
  it('should emit the body as a value', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--h--c--d--|', CHUNKS);
      expectObservable(collected(source, json)).toBe('--------(x|)', { x: 123_456 });
    });
  });

  it.each(['{"a":[1,"\xc3\xa9",null]}', '"text"', 'null', ' 1 '])('should parse %s', (body) => {
    expect(outcome(json, body)).toEqual({
      value: JSON.parse(Buffer.from(body, 'latin1').toString()) as unknown,
    });
  });

  it.each(['', '{', '{"a":1}x', 'undefined', '\xff'])(
    'should error with ERR_SCGI_BODY_JSON for %j',
    (body) => {
      expect(outcome(json, body)).toEqual({ code: 'ERR_SCGI_BODY_JSON', offset: 0 });
    },
  );

  it('should answer 400 and keep the cause of ERR_SCGI_BODY_JSON', () => {
    const errors: unknown[] = [];
    collected(of(wholeRequest('{')), json).subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toEqual([
      expect.objectContaining({ status: 400, cause: expect.any(SyntaxError) as unknown }),
    ]);
  });

  it('should be bounded as bytes is', () => {
    expect(outcome(json, '123456', { maxQueuedBytes: 5 })).toMatchObject({ code: 'ERR_SCGI_BODY_TOO_LARGE' });
  });
});

/** The one value, or the facts of the error. */
function outcome(
  method: (request: ScgiRequest) => Observable<unknown>,
  body: string,
  options?: DecodeOptions,
): unknown {
  let result: unknown;
  collected(of(wholeRequest(body)), method, options)
    .pipe(map((value) => ({ value })))
    .subscribe({
      next: (value) => (result = value),
      error: (error: unknown) => (result = errorFacts(error)),
    });
  return result;
}
