import * as fc from 'fast-check';
import { EMPTY, NEVER, Observable, concat, from, of, throwError, toArray } from 'rxjs';
import { decodeScgiEvents, type ScgiRequestInit } from '../../lib/index.js';
import { encodeScgiRequest } from '../../lib/operators/encode-scgi-request.js';
import { createFlow } from '../../lib/operators/flow/flow.js';
import { FUZZ_RUNS } from '../helpers/fuzz-runs.js';
import { errorFacts, marbles } from '../helpers/virtual-time/marbles.js';
import { expectNoProcessFaults } from '../helpers/faults/process-faults.js';
import { validRequest } from '../helpers/wire/request-arbitraries.js';
import { show, wire } from '../helpers/wire/wire.js';

expectNoProcessFaults();

const NONE = {
  REQUEST_METHOD: undefined,
  REQUEST_URI: undefined,
  QUERY_STRING: undefined,
  SERVER_PROTOCOL: undefined,
};
const head = (length: number): string => `24:CONTENT_LENGTH␀${length}␀SCGI␀1␀,`;
const bare = (body?: ScgiRequestInit['body'], contentLength?: number): ScgiRequestInit => ({
  variables: NONE,
  body,
  contentLength,
});

/** The chunks of a synchronous request, or `complete` and the facts of an error behind them. */
function logOf(request: ScgiRequestInit): unknown[] {
  const log: unknown[] = [];
  concat(of(request), NEVER)
    .pipe(encodeScgiRequest())
    .subscribe({
      next: (bytes) => log.push(show(bytes)),
      error: (error: unknown) => log.push(error instanceof TypeError ? 'TypeError' : errorFacts(error)),
      complete: () => log.push('complete'),
    });
  return log;
}

describe('encodeScgiRequest', () => {
  it.each<[string, ScgiRequestInit, string]>([
    ['nothing but the compulsory headers', bare(), head(0)],
    ['text, as UTF-8', bare('é'), `${head(2)}\xc3\xa9`],
    ['bytes', bare(wire('a␀')), `${head(2)}a␀`],
    ['null for no body', bare(null), head(0)],
    ['its length, given as well', bare('ab', 2), `${head(2)}ab`],
    [
      'what a gateway sends',
      {
        method: 'POST',
        uri: '/RPC2?a',
        headers: { 'Content-Type': 'text/xml', Cookie: ['a', 'b'], 'X-A': 'b' },
        body: '<x/>',
      },
      '154:CONTENT_LENGTH␀4␀SCGI␀1␀REQUEST_METHOD␀POST␀REQUEST_URI␀/RPC2?a␀QUERY_STRING␀a␀SERVER_PROTOCOL␀HTTP/1.1␀' +
        'CONTENT_TYPE␀text/xml␀HTTP_COOKIE␀a; b␀HTTP_X_A␀b␀,<x/>',
    ],
  ])('should write %s in one chunk, and complete', (_name, request, expected) => {
    expect(logOf(request)).toEqual([expected, 'complete']);
  });

  it.each(['Accept', 'Sec-Fetch-Dest', 'X-Forwarded-For', 'Cookie', 'Content-Type', 'X-Of-Our-Own'])(
    'should give %s the same name, however it is written',
    (field) => {
      const name =
        field === 'Content-Type' ? 'CONTENT_TYPE' : `HTTP_${field.toUpperCase().replaceAll('-', '_')}`;
      const pair = `${name}␀v␀`;
      for (const written of [field, field.toLowerCase(), field.toUpperCase()])
        expect(logOf({ variables: NONE, headers: { [written]: 'v' } })).toEqual([
          `${24 + pair.length}:${head(0).slice(3, -1)}${pair},`,
          'complete',
        ]);
    },
  );

  it('should leave out headers without a value, but for an empty query', () => {
    const headers = { 'X-Empty': '', 'Content-Type': '', Cookie: [], 'X-Two': ['', ''], 'X-A': 'b' };
    const [bytes] = logOf({ headers, variables: { GIVEN: '' } }) as [string];
    expect(bytes.replace(/^\d+:/, '')).toBe(
      'CONTENT_LENGTH␀0␀SCGI␀1␀REQUEST_METHOD␀GET␀REQUEST_URI␀/␀QUERY_STRING␀␀SERVER_PROTOCOL␀HTTP/1.1␀' +
        'HTTP_X_TWO␀, ␀HTTP_X_A␀b␀GIVEN␀␀,',
    );
  });

  it('should fail when an Observable body runs ahead by more than maxQueuedBytes, and no sooner', () => {
    marbles(({ cold, hot, expectObservable }) => {
      const flow = createFlow();
      flow.holdOutput(hot('-t', { t: true }));
      const body = cold('    ---a-b', { a: wire('aaa'), b: wire('b') });
      const source = cold('  r', { r: bare(body, 9) });
      const error = { code: 'ERR_SCGI_BODY_OVERFLOW', limit: 3, actual: 4 };
      expectObservable(source.pipe(encodeScgiRequest({ flow, maxQueuedBytes: 3 }))).toBe(
        'h----#',
        { h: wire(head(9)) },
        error,
      );
    });
  });

  it('should put CONTENT_LENGTH first and SCGI second, whatever the order of the variables', () => {
    const variables = [
      ['A', 'b'],
      ['SCGI', '1'],
      ['CONTENT_LENGTH', '0'],
    ] as const;
    const [bytes] = logOf({ variables }) as [string];
    expect(bytes).toMatch(/^\d+:CONTENT_LENGTH␀0␀SCGI␀1␀/);
  });

  it('should stream a body as it comes, and complete with it', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const body = cold('         --a--b--|', { a: wire('aa'), b: wire('bb') });
      const source = cold('    --r---------', { r: bare(body, 4) });
      const expected = '       --h-a--b--| ';
      const values = { h: wire(head(4)), a: wire('aa'), b: wire('bb') };
      expectObservable(source.pipe(encodeScgiRequest())).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe('^---------!');
      expectSubscriptions(body.subscriptions).toBe('--^-------!');
    });
  });

  it('should send the first chunk with the head when it is at hand', () => {
    expect(logOf(bare(['ab', 'c'], 3))).toEqual([`${head(3)}ab`, 'c', 'complete']);
  });

  it('should send a large body in slices behind the head', () => {
    const log = logOf(bare('x'.repeat(300_000))) as string[];
    expect(log.map((chunk) => chunk.length)).toEqual([
      log[0]!.length,
      262_144,
      300_000 - 262_144,
      'complete'.length,
    ]);
  });

  it('should wait for the flow before it pulls', () => {
    marbles(({ cold, hot, expectObservable }) => {
      const flow = createFlow();
      const pulled: string[] = [];
      function* body(): Generator<string> {
        for (const chunk of ['aa', 'bb']) {
          pulled.push(chunk);
          yield chunk;
        }
      }
      flow.holdOutput(hot('t----f', { t: true, f: false }));
      const source = cold('--r--|', { r: bare(body(), 4) });
      const values = { h: wire(head(4)), a: wire('aa'), b: wire('bb') };
      expectObservable(source.pipe(encodeScgiRequest({ flow }))).toBe('--h--(ab|)', values);
      expectObservable(cold('----a')).toBe('----a');
    });
  });

  it('should cancel the body and the source when it is unsubscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const body = cold('   --a--', { a: wire('aa') });
      const source = cold('-r-----', { r: bare(body, 4) });
      const until = '       ----! ';
      expectObservable(source.pipe(encodeScgiRequest()), until).toBe('-h-a-', {
        h: wire(head(4)),
        a: wire('aa'),
      });
      expectSubscriptions(source.subscriptions).toBe('^---!');
      expectSubscriptions(body.subscriptions).toBe('-^--!');
    });
  });

  it('should take the first request only, and stop pulling from a synchronous source', () => {
    let pulled = 0;
    function* requests(): Generator<ScgiRequestInit> {
      for (;;) {
        pulled++;
        yield bare('a');
      }
    }
    const chunks: Uint8Array[][] = [];
    from(requests())
      .pipe(encodeScgiRequest(), toArray())
      .subscribe((all) => chunks.push(all));
    expect([pulled, chunks.flat().map(show)]).toEqual([1, [`${head(1)}a`]]);
  });

  it('should error when its source completes without a request, and forward its error', () => {
    const failure = new Error('failed');
    const errors: unknown[] = [];
    const keep = { error: (error: unknown) => errors.push(errorFacts(error)) };
    EMPTY.pipe(encodeScgiRequest()).subscribe(keep);
    throwError(() => failure)
      .pipe(encodeScgiRequest())
      .subscribe(keep);
    expect(errors).toEqual([{ code: 'ERR_SCGI_EVENT_ORDER' }, failure]);
  });

  it('should continue when its source completes, or errors, behind the request', () => {
    marbles(({ cold, expectObservable }) => {
      const body = () => cold('--a|', { a: wire('a') });
      const values = { h: wire(head(1)), a: wire('a') };
      expectObservable(cold('(r|)', { r: bare(body(), 1) }).pipe(encodeScgiRequest())).toBe('h-a|', values);
      expectObservable(cold('(r#)', { r: bare(body(), 1) }).pipe(encodeScgiRequest())).toBe('h-a|', values);
    });
  });

  it.each<[string, string, ScgiRequestInit]>([
    ['an empty name', 'HEADER_INVALID', { variables: { '': 'x' } }],
    ['NUL in a value', 'HEADER_INVALID', { variables: { A: '\0' } }],
    ['a character above ff', 'HEADER_INVALID', { headers: { 'X-A': '\u20ac' } }],
    [
      'a name twice',
      'HEADER_INVALID',
      {
        variables: [
          ['A', '1'],
          ['A', '2'],
        ],
      },
    ],
    ['text in place of a pair of a header', 'HEADER_INVALID', { headers: ['A: b'] as never }],
    ['text in place of a pair of a variable', 'HEADER_INVALID', { variables: ['AB'] as never }],
    ['a hole among headers', 'HEADER_INVALID', { headers: [undefined] as never }],
    ['a source without a length', 'BODY_LENGTH', { body: ['a'] }],
    ['a text unlike its length', 'BODY_LENGTH', bare('abc', 4)],
    ['a longer text than its length', 'BODY_LENGTH', bare('abc', 2)],
    ['a body of another type', 'BODY_TYPE', { body: 5 as never }],
  ])('should refuse %s before a byte goes out', (_name, code, request) => {
    expect(logOf(request)).toEqual([{ code: `ERR_SCGI_${code}` }]);
  });

  it.each([
    ['longer', ['ab', 'cd'], 3, [`${head(3)}ab`]],
    ['shorter', ['ab'], 3, [`${head(3)}ab`]],
  ])('should fail when a stream is %s than its length', (_name, body, length, sent) => {
    expect(logOf(bare(body, length))).toEqual([...sent, { code: 'ERR_SCGI_BODY_LENGTH' }]);
  });

  it('should free a body that is not sent', () => {
    let cancelled = 0;
    const body = new ReadableStream<Uint8Array>({
      cancel: () => {
        cancelled++;
      },
    });
    expect(logOf({ body: body })).toEqual([{ code: 'ERR_SCGI_BODY_LENGTH' }]);
    expect(cancelled).toBe(1);
  });

  it.each([null, undefined, 'text', { bodi: 'x' }])('should refuse %p as a request', (request) => {
    expect(logOf(request as never)).toEqual(['TypeError']);
  });

  it('should forward what a getter of the request throws, that of its body too', () => {
    for (const name of ['method', 'headers', 'body', 'contentLength']) {
      const request = Object.defineProperty({}, name, {
        enumerable: true,
        get() {
          throw new RangeError(name);
        },
      });
      expect(logOf(request)).toEqual([expect.objectContaining({ message: name })]);
    }
  });

  it('should forward the error of the body', () => {
    const failure = new Error('failed');
    expect(logOf(bare(new Observable<string>((subscriber) => subscriber.error(failure)), 1)).at(-1)).toBe(
      failure,
    );
  });

  it('should write what decodeScgiEvents reads', () => {
    fc.assert(
      fc.property(validRequest, ({ pairs, body }) => {
        const variables = [...Object.entries(NONE), ...pairs] as [string, string | undefined][];
        const read: unknown[] = [];
        of({ variables, body: wire(body) })
          .pipe(encodeScgiRequest(), decodeScgiEvents())
          .subscribe((event) => {
            if (event.type === 'request-headers') read.push(...event.variables);
            if (event.type === 'request-body') read.push(show(event.data));
          });
        const compulsory = [
          ['CONTENT_LENGTH', String(body.length)],
          ['SCGI', '1'],
        ];
        // What a gateway sends anyway stands where it would stand.
        const known = new Set(Object.keys(NONE));
        const sent = [
          ...pairs.filter(([name]) => known.has(name)),
          ...pairs.filter(([name]) => !known.has(name)),
        ];
        expect(read).toEqual([...compulsory, ...sent, ...(body === '' ? [] : [show(wire(body))])]);
      }),
      { numRuns: FUZZ_RUNS },
    );
  });
});
