import * as fc from 'fast-check';
import {
  EMPTY,
  NEVER,
  Subject,
  concat,
  firstValueFrom,
  from,
  mergeMap,
  of,
  take,
  tap,
  toArray,
  type Observable,
} from 'rxjs';
import type { ScgiIncomingResponse } from '../../lib/index.js';
import { decodeScgiResponse, type DecodeResponseOptions } from '../../lib/operators/decode-scgi-response.js';
import { createFlow } from '../../lib/operators/flow/flow.js';
import { byteByByte, cut, everyTwoPartCut } from '../helpers/wire/cuts.js';
import { FUZZ_RUNS } from '../helpers/fuzz-runs.js';
import { errorFacts, marbles } from '../helpers/virtual-time/marbles.js';
import { expectNoProcessFaults } from '../helpers/faults/process-faults.js';
import { chunkSizes } from '../helpers/wire/request-arbitraries.js';
import { show, wire } from '../helpers/wire/wire.js';

expectNoProcessFaults();

const HEAD = 'Status: 404 Not Found\r\nA: b\r\n\r\n';
const LONG = 'Content-Length: 6\n\n';

const heads = {
  a: wire(HEAD),
  b: wire('bb'),
  c: wire('cc'),
  l: wire(LONG),
  e: wire('A: b\nContent-Length: 0\n\n'),
};

/** What a subscriber sees that takes the body at once. */
function logOf(chunks: readonly Uint8Array[], options?: DecodeResponseOptions, ends = true): unknown[] {
  const log: unknown[] = [];
  let body = '';
  const takeBody = (response: ScgiIncomingResponse): void => {
    log.push([response.status, response.statusText, ...[...response.headers].flat()]);
    response.body.subscribe({
      next: (data) => (body += show(data)),
      error: (error: unknown) => log.push(body, errorFacts(error)),
      complete: () => log.push(body, 'body ended'),
    });
  };
  concat(from(chunks), ends ? EMPTY : NEVER)
    .pipe(decodeScgiResponse(options), tap(takeBody))
    .subscribe({
      error: (error: unknown) => log.push(errorFacts(error)),
      complete: () => log.push('ended'),
    });
  return log;
}

describe('decodeScgiResponse', () => {
  it('should emit the response at its head, and stream the body until the source ends', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  --a--b--c--|', heads);
      const body = '         -----b--c--|';
      const result = source.pipe(
        decodeScgiResponse(),
        mergeMap((response) => response.body),
      );
      expectObservable(result).toBe(body, heads);
      expectSubscriptions(source.subscriptions).toBe('^----------!');
    });
  });

  it('should complete with the last byte of a Content-Length, and unsubscribe', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--l--b--c--b--c--#', heads);
      const expected = '   -----b--c--(b|)   ';
      expectObservable(
        source.pipe(
          decodeScgiResponse(),
          mergeMap(({ body }) => body),
        ),
      ).toBe(expected, heads);
      expectSubscriptions(source.subscriptions).toBe('^----------!');
    });
  });

  it('should complete at once without a body, which can be asked for later', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--e--', heads);
      const statuses = source.pipe(
        decodeScgiResponse(),
        mergeMap(({ status }) => of(status)),
      );
      expectObservable(statuses).toBe('--(s|)', { s: 200 });
    });
    return firstValueFrom(of(heads.e).pipe(decodeScgiResponse()))
      .then((response) => firstValueFrom(response.text()))
      .then((text) => expect(text).toBe(''));
  });

  it('should forward the error of its source, to the body first', () => {
    marbles(({ cold, expectObservable }) => {
      const result = cold('--a--b--#', heads).pipe(
        decodeScgiResponse(),
        mergeMap(({ body }) => body),
      );
      expectObservable(result).toBe('-----b--#', heads);
    });
    expect(logOf([heads.l, heads.b])).toEqual([
      [200, '', 'content-length', '6'],
      'bb',
      { code: 'ERR_SCGI_RESPONSE_TRUNCATED', offset: 21 },
      { code: 'ERR_SCGI_RESPONSE_TRUNCATED', offset: 21 },
    ]);
  });

  it.each([
    ['nothing', '', { code: 'ERR_SCGI_EMPTY_RESPONSE', offset: 0 }],
    ['a bad line', 'hello\n', { code: 'ERR_SCGI_RESPONSE_HEAD', offset: 0 }],
    ['an end in the head', 'A: b\n', { code: 'ERR_SCGI_RESPONSE_TRUNCATED', offset: 5 }],
  ])('should error for %s', (_name, input, facts) => {
    expect(logOf([wire(input)])).toEqual([facts]);
  });

  it('should error for a head that is too large', () => {
    expect(logOf([wire('A: bcdefg\n\n')], { maxResponseHeadBytes: 8 }, false)).toEqual([
      { code: 'ERR_SCGI_RESPONSE_HEAD_TOO_LARGE', offset: 8, limit: 8, actual: 9 },
    ]);
  });

  it('should give the same result however the response is cut', () => {
    const bytes = wire(`${HEAD}body`);
    const whole = logOf([bytes]);
    expect(whole).toEqual([[404, 'Not Found', 'a', 'b'], 'body', 'body ended', 'ended']);
    for (const sizes of [byteByByte(bytes.length), ...everyTwoPartCut(bytes.length)])
      expect(logOf(cut(bytes, sizes))).toEqual(whole);
  });

  it('should give the same result for random bytes however they are cut', () => {
    const part = fc.constantFrom(
      'A',
      ': ',
      '\n',
      '\r\n',
      'Content-Length: ',
      '3',
      'Status: ',
      '204',
      'x',
      '␀',
    );
    const input = fc.array(part, { maxLength: 16 }).map((parts) => wire(parts.join('')));
    fc.assert(
      fc.property(input, chunkSizes, (bytes, sizes) => {
        expect(logOf(cut(bytes, sizes))).toEqual(logOf([bytes]));
      }),
      { numRuns: FUZZ_RUNS },
    );
  });

  it('should keep the source subscribed while the body is taken, and no longer', () => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('--a--b--c--b--', heads);
      const left = cold(' ---------|');
      const result = source.pipe(
        decodeScgiResponse(),
        take(1),
        mergeMap(({ body }) => body.pipe(take(2))),
      );
      expectObservable(result).toBe('-----b--(c|)', heads);
      expectSubscriptions(source.subscriptions).toBe('^-------!');
      left.subscribe();
    });
  });

  it('should say how to read a body that was dropped because nobody did', async () => {
    const response = await firstValueFrom(of(wire(`${LONG}abcdef`)).pipe(decodeScgiResponse()));
    await expect(firstValueFrom(response.text())).rejects.toMatchObject({
      code: 'ERR_SCGI_BODY_USED',
      message: expect.stringContaining('mergeMap(') as string,
    });
  });

  it('should end a body that is taken when the result has been left, with the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--a--b--|', heads);
      const result = source.pipe(
        decodeScgiResponse(),
        take(1),
        mergeMap(({ body }) => body),
      );
      expectObservable(result).toBe('-----b--|', heads);
      expectSubscriptions(source.subscriptions).toBe('^-------!');
    });
  });

  it('should brake by the flow while nobody takes the body', () => {
    const flow = createFlow();
    const source = new Subject<Uint8Array>();
    let response: ScgiIncomingResponse | undefined;
    source.pipe(decodeScgiResponse({ flow, bodyHighWaterMark: 3 })).subscribe((value) => (response = value));
    source.next(heads.a);
    source.next(heads.b);
    expect(flow.inputPaused.value).toBe(false);
    source.next(heads.c);
    expect(flow.inputPaused.value).toBe(true);
    const body: string[] = [];
    response?.body.subscribe((data) => body.push(show(data)));
    expect([flow.inputPaused.value, body]).toEqual([false, ['bb', 'cc']]);
  });

  it('should fail without a flow when more comes than is held', () => {
    const errors: unknown[] = [];
    from([heads.a, heads.b, heads.c])
      .pipe(decodeScgiResponse({ maxQueuedBytes: 3 }))
      .subscribe({ error: (error: unknown) => errors.push(errorFacts(error)) });
    expect(errors).toEqual([{ code: 'ERR_SCGI_BODY_OVERFLOW', limit: 3, actual: 4 }]);
  });

  it('should refuse a chunk that is pushed while the one before it is delivered', () => {
    const source = new Subject<Uint8Array>();
    const log: unknown[] = [];
    source.pipe(decodeScgiResponse()).subscribe({
      next: () => source.next(heads.b),
      error: (error: unknown) => log.push(errorFacts(error)),
    });
    source.next(heads.a);
    expect(log).toEqual([{ code: 'ERR_SCGI_REENTRANT' }]);
  });

  it('should not pull from a synchronous source when it is done', () => {
    let pulled = 0;
    function* chunks(): Generator<Uint8Array> {
      for (const chunk of [heads.e, heads.b, heads.c]) {
        pulled++;
        yield chunk;
      }
    }
    from(chunks()).pipe(decodeScgiResponse()).subscribe();
    expect(pulled).toBe(1);
  });

  it('should start with fresh state for each subscription', () => {
    const result = of(wire(HEAD)).pipe(
      decodeScgiResponse(),
      mergeMap(({ status }) => of(status)),
    );
    expect([collect(result), collect(result)]).toEqual([[404], [404]]);
  });

  describe('bytes, text and json', () => {
    const responseOf = (text: string, options?: DecodeResponseOptions): ScgiIncomingResponse => {
      let response: ScgiIncomingResponse | undefined;
      concat(of(wire(text)), NEVER)
        .pipe(decodeScgiResponse(options))
        .subscribe((value) => (response = value));
      return response!;
    };
    const json = (text: string) => responseOf(`Content-Length: ${text.length}\n\n${text}`);

    it('should collect the body', () => {
      expect(collect(json('[1, "\xc3\xa9"]').json())).toEqual([[1, 'é']]);
      expect(collect(json('\xc3\xa9').text())).toEqual(['é']);
      expect((collect(json('ab').bytes()) as Uint8Array[]).map(show)).toEqual(['ab']);
    });

    it('should tell JSON from other text', () => {
      expect(collect(json('<html>').json())).toEqual([{ code: 'ERR_SCGI_RESPONSE_JSON', offset: 0 }]);
    });

    it('should collect exactly maxQueuedBytes, and not one more', () => {
      const limited = (text: string) =>
        responseOf(`Content-Length: ${text.length}\n\n${text}`, { maxQueuedBytes: 3, flow: createFlow() });
      expect(collect(limited('abc').text())).toEqual(['abc']);
      expect(collect(limited('abcd').text())).toEqual([
        { code: 'ERR_SCGI_BODY_TOO_LARGE', limit: 3, actual: 4 },
      ]);
    });

    it('should keep several Set-Cookie apart', () => {
      const { headers } = responseOf('Set-Cookie: a=1\nSet-Cookie: b=2\n\n');
      expect(headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    });
  });
});

/** The values of a synchronous Observable, and its error. */
function collect(source: Observable<unknown>): unknown[] {
  const log: unknown[] = [];
  source.pipe(toArray()).subscribe({
    next: (values) => log.push(...values),
    error: (error: unknown) => log.push(errorFacts(error)),
  });
  return log;
}
