import { EMPTY, NEVER, Subject, concat, of, throwError } from 'rxjs';
import { handleScgi } from '../../../lib/operators/handle-scgi.js';
import type { ScgiHandler, ScgiRequest, ScgiResponse } from '../../../lib/operators/types.js';
import { errorAnswerOf } from '../../helpers/virtual-time/responses/answers.js';
import { errorFacts, marbles } from '../../helpers/virtual-time/marbles.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { requestHead, wholeRequest } from '../../helpers/wire/requests.js';
import { turns } from '../../helpers/virtual-time/responses/response-bodies.js';
import { show, wire } from '../../helpers/wire/wire.js';

const HEAD = 'Status: 200 OK\r\n\r\n';
const WHOLE = 'Status: 200 OK\r\nContent-Length: 2\r\n\r\nhi';
const RESPONSE: ScgiResponse = { body: 'hi' };
const SECRET = 'the secret of the message';
const BOOM = new Error(SECRET);

expectNoProcessFaults();

/** What goes out, `|` at the end or the facts of the error; and what onError was told. */
function answerOf(handler: ScgiHandler, onError?: (error: unknown) => void) {
  const sent: unknown[] = [];
  const errors: [unknown, string | undefined][] = [];
  concat(of(wholeRequest('', { REQUEST_URI: '/r' })), NEVER)
    .pipe(
      handleScgi(handler, {
        onError: (error, request) => {
          errors.push([errorFacts(error), request?.path]);
          onError?.(error);
        },
      }),
    )
    .subscribe({
      next: (bytes) => sent.push(show(bytes)),
      error: (error: unknown) => sent.push(errorFacts(error)),
      complete: () => sent.push('|'),
    });
  return { sent, errors };
}

describe('handleScgi, with a handler that gives', () => {
  it.each<[string, () => unknown]>([
    ['an Observable', () => of(RESPONSE)],
    ['an Observable that never completes', () => concat(of(RESPONSE), NEVER)],
    ['a Promise', () => Promise.resolve(RESPONSE)],
    ['what an async function gives', async () => Promise.resolve(RESPONSE)],
    ['the response itself', () => RESPONSE],
    ['a thenable', () => ({ then: (settle: (response: ScgiResponse) => void) => settle(RESPONSE) })],
    ['an array', () => [RESPONSE]],
    ['a Set', () => new Set([RESPONSE])],
    ['what an async generator gives', () => generate()],
    ['a ReadableStream', () => new ReadableStream({ start: respondOn })],
  ])('%s should send its response', async (_, give) => {
    const { sent, errors } = answerOf(give as ScgiHandler);
    await turns();
    expect({ sent, errors }).toEqual({ sent: [WHOLE, '|'], errors: [] });
  });

  it.each<[string, () => unknown]>([
    ['nothing but what it throws', () => fail(BOOM)],
    ['an Observable that errors', () => throwError(() => BOOM)],
    ['a Promise that is rejected', () => Promise.reject(BOOM)],
    ['what an async function gives that throws', async () => fail(await Promise.resolve(BOOM))],
    ['a body that errors at once', () => of({ body: throwError(() => BOOM) })],
    ['a body whose iterator throws', () => [{ body: { [Symbol.iterator]: () => fail(BOOM) } }]],
  ])('%s should answer 500, leak nothing, and call onError', async (_, give) => {
    const { sent, errors } = answerOf(give as ScgiHandler);
    await turns();
    expect(errors).toEqual([[BOOM, '/r']]);
    expect(sent).toEqual([errorAnswerOf(500), '|']);
    expect(sent[0]).not.toContain('secret');
  });

  it.each<[string, string, () => unknown]>([
    ['ERR_SCGI_NO_RESPONSE', 'an Observable that is empty', () => EMPTY],
    ['ERR_SCGI_NO_RESPONSE', 'an empty array', () => []],
    ['ERR_SCGI_NO_RESPONSE', 'undefined', () => undefined],
    ['ERR_SCGI_NO_RESPONSE', 'null', () => null],
    ['ERR_SCGI_NO_RESPONSE', 'a number', () => 5],
    ['ERR_SCGI_NO_RESPONSE', 'a function', () => () => RESPONSE],
    ['ERR_SCGI_NO_RESPONSE', 'bytes', () => wire('hi')],
    ['ERR_SCGI_NO_RESPONSE', 'an Error', () => BOOM],
    ['ERR_SCGI_NO_RESPONSE', 'an object of another kind', () => new Date(0)],
    ['ERR_SCGI_NO_RESPONSE', 'an Observable of undefined', () => of(undefined)],
    ['ERR_SCGI_NO_RESPONSE', 'an Observable of null', () => of(null)],
    ['ERR_SCGI_NO_RESPONSE', 'an Observable of text', () => of('hi')],
    ['ERR_SCGI_NO_RESPONSE', 'an Observable of bytes', () => of(wire('hi'))],
    ['ERR_SCGI_NO_RESPONSE', 'text', () => 'hi'],
    ['ERR_SCGI_NO_RESPONSE', 'an Observable of a Promise', () => of(Promise.resolve(RESPONSE))],
    ['ERR_SCGI_NO_RESPONSE', 'an Observable of a Promise that is rejected', () => of(Promise.reject(BOOM))],
    ['ERR_SCGI_NO_RESPONSE', 'an Observable of an Observable', () => of(of(RESPONSE))],
    ['ERR_SCGI_NO_RESPONSE', 'an Observable of an array', () => of([RESPONSE])],
    ['ERR_SCGI_HEADER_HOP_BY_HOP', 'a hop-by-hop field', () => [{ headers: { Upgrade: 'h2c' } }]],
    ['ERR_SCGI_HEADER_INVALID', 'a field that splits the response', () => [{ headers: { A: 'b\r\n\r\n' } }]],
    ['ERR_SCGI_STATUS_INVALID', 'a status that is none', () => [{ status: 99 }]],
    [
      'ERR_SCGI_REDIRECT_HEADERS',
      'a local redirect with a body',
      () => [{ headers: { Location: '/' }, body: 'hi' }],
    ],
    [
      'ERR_SCGI_BODY_LENGTH',
      'another Content-Length',
      () => [{ headers: { 'Content-Length': '3' }, body: 'hi' }],
    ],
    ['ERR_SCGI_BODY_TYPE', 'a body that is none', () => [{ body: 5 }]],
    ['ERR_SCGI_BODY_TYPE', 'a first chunk that is none', () => [{ body: [5] }]],
  ])('a fault, %s, by %s, should answer 500 and call onError', (code, _, give) => {
    const { sent, errors } = answerOf(give as ScgiHandler);
    expect(errors).toEqual([[{ code }, '/r']]);
    expect(sent).toEqual([errorAnswerOf(500), '|']);
  });

  it('two responses, the first at hand, should send the first', () => {
    const { sent, errors } = answerOf(() => [RESPONSE, { body: 'other' }]);
    expect({ sent, errors }).toEqual({ sent: [WHOLE, '|'], errors: [] });
  });

  it('an error after a response at hand should send the response', () => {
    const { sent, errors } = answerOf(() =>
      concat(
        of(RESPONSE),
        throwError(() => BOOM),
      ),
    );
    expect({ sent, errors }).toEqual({ sent: [WHOLE, '|'], errors: [] });
  });
});

describe('handleScgi, with a handler that returns a fetch Response', () => {
  it('should send its status, its fields and its body', async () => {
    const give = () => new Response('hi', { status: 201, headers: { 'X-A': 'b' } });
    const { sent, errors } = answerOf(give as unknown as ScgiHandler);
    await turns();
    expect(sent.join('')).toMatch(
      /^Status: 201 Created\r\n(?:[^\r\n]+\r\n)*x-a: b\r\n(?:[^\r\n]+\r\n)*\r\nhi\|$/,
    );
    expect(errors).toEqual([]);
  });
});

describe('handleScgi, once the head of a response is out', () => {
  it.each<[string, () => unknown, unknown[], unknown]>([
    [
      'a body that errors',
      () => [
        {
          body: concat(
            of('aa'),
            throwError(() => BOOM),
          ),
        },
      ],
      [`${HEAD}aa`],
      BOOM,
    ],
    ['a body that throws', () => [{ body: throwAfter('aa') }], [`${HEAD}aa`], BOOM],
    [
      'a body longer than its Content-Length',
      () => [{ headers: { 'Content-Length': '3' }, body: ['aa', 'bb'] }],
      ['Status: 200 OK\r\nContent-Length: 3\r\n\r\naa'],
      { code: 'ERR_SCGI_BODY_LENGTH' },
    ],
    [
      'a body shorter than its Content-Length',
      () => [{ headers: { 'Content-Length': '3' }, body: ['aa'] }],
      ['Status: 200 OK\r\nContent-Length: 3\r\n\r\naa'],
      { code: 'ERR_SCGI_BODY_LENGTH' },
    ],
    ['a chunk that is none', () => [{ body: ['aa', 5] }], [`${HEAD}aa`], { code: 'ERR_SCGI_BODY_TYPE' }],
  ])('should error the result, and call onError, for %s', (_, give, begun, error) => {
    const { sent, errors } = answerOf(give as ScgiHandler);
    expect({ sent, errors }).toEqual({ sent: [...begun, error], errors: [[error, '/r']] });
  });

  it('should ignore a second response', () => {
    const { sent, errors } = answerOf(() => of({ body: NEVER }, RESPONSE));
    expect({ sent, errors }).toEqual({ sent: [HEAD], errors: [] });
  });

  it('should continue when the handler errors, and call onError', () => {
    const { sent, errors } = answerOf(() =>
      concat(
        of({ body: NEVER }),
        throwError(() => BOOM),
      ),
    );
    expect({ sent, errors }).toEqual({ sent: [HEAD], errors: [[BOOM, '/r']] });
  });

  it('should error the result in the frame of the error, and unsubscribe from handler, body and source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('    --h--a--b-----|', { h: requestHead(9), a: wire('abc'), b: wire('def') });
      const body = cold('        ---x--x--#   ', { x: 'xx' }, 'boom');
      const answer = cold('      r---------   ', { r: { body } });
      const expected = '       --h--x--x--#   ';
      const subscription = '   ^----------!   ';
      const innerSubscriptions = '--^--------!  ';
      const result = source.pipe(handleScgi(() => answer));
      expectObservable(result).toBe(expected, { h: HEAD, x: 'xx' }, 'boom');
      expectSubscriptions(source.subscriptions).toBe(subscription);
      expectSubscriptions(answer.subscriptions).toBe(innerSubscriptions);
      expectSubscriptions(body.subscriptions).toBe(innerSubscriptions);
    });
  });

  it('should error the result when the body of the request breaks off', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--h--a--|', { h: requestHead(9), a: wire('abc') });
      const expected = '   --h--a--#';
      const fault = { code: 'ERR_SCGI_PREMATURE_EOF', offset: requestHead(9).length + 3 };
      const result = source.pipe(handleScgi(({ body }) => of({ body })));
      expectObservable(result).toBe(expected, { h: HEAD, a: 'abc' }, fault);
    });
  });
});

describe('handleScgi, when all is over', () => {
  it('should keep a complete body whole for a later taker', () => {
    const requests: ScgiRequest[] = [];
    const answer = new Subject<ScgiResponse>();
    const handle: ScgiHandler = (request) => {
      requests.push(request);
      return answer;
    };
    of(wholeRequest('abc')).pipe(handleScgi(handle)).subscribe();
    answer.error(BOOM);
    const log: unknown[] = [];
    requests[0]!.body.subscribe({
      next: (data) => log.push(show(data)),
      error: (error: unknown) => log.push(errorFacts(error)),
      complete: () => log.push('|'),
    });
    expect(log).toEqual(['abc', '|']);
  });
});

describe('onError', () => {
  it('should get the same error object, and the request', () => {
    const told: unknown[] = [];
    const requests: ScgiRequest[] = [];
    const handle: ScgiHandler = (request) => {
      requests.push(request);
      throw BOOM;
    };
    of(wholeRequest(''))
      .pipe(handleScgi(handle, { onError: (...args) => told.push(args) }))
      .subscribe();
    expect(told).toEqual([[BOOM, requests[0]]]);
    expect((told as unknown[][])[0]![0]).toBe(BOOM);
  });

  it('should not stop the answer, nor reach the process, when it throws', () => {
    const { sent } = answerOf(
      () => fail(BOOM),
      () => fail(new Error('onError is broken')),
    );
    expect(sent).toEqual([errorAnswerOf(500), '|']);
  });

  it('should be left out', () => {
    const sent: string[] = [];
    of(wholeRequest(''))
      .pipe(handleScgi(() => fail(BOOM)))
      .subscribe((bytes) => sent.push(show(bytes)));
    expect(sent).toEqual([errorAnswerOf(500)]);
  });
});

function fail(error: Error): never {
  throw error;
}

function* throwAfter(chunk: string): Iterable<string> {
  yield chunk;
  throw BOOM;
}

async function* generate(): AsyncGenerator<ScgiResponse> {
  yield await Promise.resolve(RESPONSE);
}

function respondOn(controller: ReadableStreamDefaultController<ScgiResponse>): void {
  controller.enqueue(RESPONSE);
  controller.close();
}
