import {
  NEVER,
  Subject,
  catchError,
  concat,
  from,
  map,
  mergeMap,
  of,
  throwError,
  type Observable,
} from 'rxjs';
import type { HandleOptions } from '../../../lib/operators/engine-options.js';
import { handleScgi } from '../../../lib/operators/handle-scgi.js';
import type { ScgiHandler, ScgiRequest } from '../../../lib/operators/types.js';
import { errorAnswerOf } from '../../helpers/virtual-time/responses/answers.js';
import { byteByByte, cut } from '../../helpers/wire/cuts.js';
import type { FaultFixture, FaultGroup } from '../../helpers/faults/fault-fixture.js';
import { HEADER_BLOCK_FAULTS } from '../../helpers/faults/header-block-faults.js';
import { errorFacts, marbles } from '../../helpers/virtual-time/marbles.js';
import { NETSTRING_FAULTS, PREMATURE } from '../../helpers/faults/netstring-faults.js';
import { REQUEST_HEAD_FAULTS } from '../../helpers/faults/request-head-faults.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { requestHead, wholeRequest } from '../../helpers/wire/requests.js';
import { show, wire } from '../../helpers/wire/wire.js';

const HEAD_SENT = 'Status: 200 OK\r\n\r\n';
const CHUNKS = { h: requestHead(6), a: wire('abc'), b: wire('def') };

expectNoProcessFaults();

/** Every answer, and what onError was told. */
function exchange(source: Observable<Uint8Array>, handler: ScgiHandler, options?: HandleOptions) {
  const errors: unknown[] = [];
  let sent = '';
  const onError = (error: unknown, request?: ScgiRequest): void =>
    void errors.push([errorFacts(error), request?.contentLength]);
  source.pipe(handleScgi(handler, { ...options, onError })).subscribe({
    next: (bytes) => (sent += show(bytes)),
    error: (error: unknown) => (sent += `#${JSON.stringify(errorFacts(error))}`),
    complete: () => (sent += '|'),
  });
  return { sent, errors };
}

/** The handler that waits for the whole body. */
const collect: ScgiHandler = (request) => request.bytes().pipe(mergeMap(() => NEVER));

function factsOf({ code }: FaultGroup, { offset, limit, actual }: FaultFixture): object {
  return { code, offset, ...(limit !== undefined && { limit }), ...(actual !== undefined && { actual }) };
}

describe('handleScgi, given a faulty request', () => {
  describe.each([...NETSTRING_FAULTS, ...HEADER_BLOCK_FAULTS, ...REQUEST_HEAD_FAULTS])('$code', (group) => {
    const rows = group.rows.filter(({ foreignProtocol }) => foreignProtocol !== 'http');

    it.each(rows)(`should answer ${group.status} and call onError, for $fault`, (row) => {
      const input = wire(row.input);
      for (const chunks of [[input], cut(input, byteByByte(input.length))]) {
        expect(exchange(concat(from(chunks), NEVER), () => of({}), row.options)).toEqual({
          sent: `${errorAnswerOf(group.status)}|`,
          errors: [[factsOf(group, row), undefined]],
        });
      }
    });
  });

  describe(PREMATURE.code, () => {
    it.each(PREMATURE.rows)('should answer 400 and call onError, for $fault', (row) => {
      const { sent, errors } = exchange(of(wire(row.input)), () => NEVER, row.options);
      expect(sent).toBe(`${errorAnswerOf(400)}|`);
      const contentLength = row.after?.[0]?.split(' ')[2];
      expect(errors).toEqual([[factsOf(PREMATURE, row), contentLength && Number(contentLength)]]);
    });
  });

  it.each([
    'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
    'G',
    'POST / HTTP/1.0\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ])('should answer in HTTP what came as HTTP: %j', (input) => {
    const { sent, errors } = exchange(concat(of(wire(input)), NEVER), () => of({}));
    expect(sent).toMatch(
      /^HTTP\/1\.0 400 Bad Request\r\n(?:[A-Z][A-Za-z-]*: [^\r\n]+\r\n)+\r\n[^\r\n]+SCGI[^\r\n]+\n\|$/,
    );
    expect(errors).toEqual([[{ code: 'ERR_SCGI_NETSTRING_LENGTH', offset: 0 }, undefined]]);
  });

  it('should answer in the frame of the fault, complete, and unsubscribe from the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --a--b--c--|', { a: wire('24'), b: wire('x'), c: wire('y') });
      const expected = '    -----(w|)   ';
      const subscription = '^----!      ';
      expectObservable(source.pipe(handleScgi(() => of({})))).toBe(expected, { w: errorAnswerOf(400) });
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it.each([
    ['maxHeaderBytes', 'ERR_SCGI_HEADERS_TOO_LARGE', 431, { maxHeaderBytes: 24 }, { maxHeaderBytes: 23 }],
    ['maxHeaders', 'ERR_SCGI_TOO_MANY_HEADERS', 431, { maxHeaders: 2 }, { maxHeaders: 1 }],
    ['maxBodyBytes', 'ERR_SCGI_BODY_TOO_LARGE', 413, { maxBodyBytes: 6 }, { maxBodyBytes: 5 }],
  ])('should allow %s to be reached, and answer %s with %d beyond', (_, code, status, enough, tooLittle) => {
    const source = of(wholeRequest('abcdef'));
    const ok = 'Status: 200 OK\r\nContent-Length: 0\r\n\r\n|';
    expect(exchange(source, () => of({}), enough)).toEqual({ sent: ok, errors: [] });
    expect(exchange(source, () => of({}), tooLittle)).toEqual({
      sent: `${errorAnswerOf(status)}|`,
      errors: [[expect.objectContaining({ code }), undefined]],
    });
  });
});

describe('handleScgi, given a body that breaks off or is too much', () => {
  it('should cancel the handler, after the error of its body, and answer 400', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('       --h--a--|  ', CHUNKS);
      const answer = cold<never>('  ---------');
      const expected = '          --------(w|)';
      const expectedBody = '      -----a--#  ';
      const handlerSubscription = '--^-----!  ';
      const fault = { code: 'ERR_SCGI_PREMATURE_EOF', offset: CHUNKS.h.length + 3 };
      const taken = new Subject<Uint8Array>();
      const handle: ScgiHandler = ({ body }) => {
        body.subscribe(taken);
        return answer;
      };
      expectObservable(taken).toBe(expectedBody, CHUNKS, fault);
      expectObservable(source.pipe(handleScgi(handle))).toBe(expected, { w: errorAnswerOf(400) });
      expectSubscriptions(answer.subscriptions).toBe(handlerSubscription);
    });
  });

  it('should call onError once although the handler forwards the error', () => {
    const { sent, errors } = exchange(of(requestHead(6), wire('abc')), collect);
    const fault = { code: 'ERR_SCGI_PREMATURE_EOF', offset: CHUNKS.h.length + 3 };
    expect({ sent, errors }).toEqual({ sent: `${errorAnswerOf(400)}|`, errors: [[fault, 6]] });
  });

  it('should call onError for an invalid answer to the error of the body, and answer that error', () => {
    const { sent, errors } = exchange(from([CHUNKS.h, CHUNKS.a]), (request) =>
      request.bytes().pipe(
        map(() => ({})),
        catchError(() => of({ status: 99 })),
      ),
    );
    expect(sent).toBe(`${errorAnswerOf(500)}|`);
    expect(errors).toMatchObject([
      [{ code: 'ERR_SCGI_PREMATURE_EOF' }, 6],
      [{ code: 'ERR_SCGI_STATUS_INVALID' }, 6],
    ]);
  });

  it('should let a handler that catches the error of its body answer itself', () => {
    const handle: ScgiHandler = (request) =>
      request.bytes().pipe(
        map(() => ({ body: 'complete' })),
        catchError(() => of({ status: 422, body: 'cut off' })),
      );
    const { sent, errors } = exchange(of(requestHead(6), wire('abc')), handle);
    expect(sent).toBe('Status: 422 Unprocessable Content\r\nContent-Length: 7\r\n\r\ncut off|');
    expect(errors).toHaveLength(1);
  });

  it('should answer 413 when more comes than is held for a body that nobody takes, and no flow brakes', () => {
    const source = concat(of(requestHead(6), wire('abc'), wire('def')), NEVER);
    const handle = () => NEVER;
    const error = { code: 'ERR_SCGI_BODY_OVERFLOW', limit: 5, actual: 6 };
    expect(exchange(source, handle, { maxQueuedBytes: 5 })).toEqual({
      sent: `${errorAnswerOf(413)}|`,
      errors: [[error, 6]],
    });
    expect(exchange(source, handle, { maxQueuedBytes: 6 })).toEqual({ sent: '', errors: [] });
  });

  it('should answer 413 when a handler collects more than it may', () => {
    const error = { code: 'ERR_SCGI_BODY_TOO_LARGE', limit: 5, actual: 6 };
    expect(exchange(of(wholeRequest('abcdef')), collect, { maxQueuedBytes: 5 })).toEqual({
      sent: `${errorAnswerOf(413)}|`,
      errors: [[error, 6]],
    });
  });

  it('should answer 400 when a handler wants JSON and gets none', () => {
    const handle: ScgiHandler = (request) => request.json().pipe(map(() => ({})));
    expect(exchange(of(wholeRequest('abcdef')), handle)).toEqual({
      sent: `${errorAnswerOf(400)}|`,
      errors: [[{ code: 'ERR_SCGI_BODY_JSON', offset: 0 }, 6]],
    });
  });
});

describe('handleScgi, when the connection is lost', () => {
  it.each<[string, ScgiHandler]>([
    ['that waits', () => NEVER],
    ['that takes the body', collect],
    [
      'that would answer',
      (request) =>
        request.bytes().pipe(
          map(() => ({})),
          catchError(() => of({ body: 'late' })),
        ),
    ],
  ])('should error, answer nothing, and call onError once, with a handler %s', (_, handler) => {
    const reset = new Error('reset');
    const source = concat(
      of(requestHead(6), wire('abc')),
      throwError(() => reset),
    );
    const errors: unknown[] = [];
    const log: unknown[] = [];
    source.pipe(handleScgi(handler, { onError: (error) => errors.push(error) })).subscribe({
      next: (bytes) => log.push(show(bytes)),
      error: (error: unknown) => log.push(error),
    });
    expect({ log, errors }).toEqual({ log: [reset], errors: [reset] });
  });

  it('should not end a response that makes do without the rest of the body', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--h--a--#', CHUNKS, 'reset');
      const expected = '   --s--a--#';
      const handle: ScgiHandler = ({ body }) => of({ body: body.pipe(catchError(() => of('instead'))) });
      expectObservable(source.pipe(handleScgi(handle))).toBe(expected, { ...CHUNKS, s: HEAD_SENT }, 'reset');
    });
  });

  it('should tolerate that the result is unsubscribed upon the error of the body', () => {
    const source = new Subject<Uint8Array>();
    const log: unknown[] = [];
    const handle: ScgiHandler = ({ body }) => {
      body.subscribe({ error: () => subscription.unsubscribe() });
      return NEVER;
    };
    const subscription = source
      .pipe(handleScgi(handle))
      .subscribe({ error: (error: unknown) => log.push(error) });
    source.next(requestHead(6));
    source.error(new Error('reset'));
    expect({ log, closed: subscription.closed }).toEqual({ log: [], closed: true });
  });

  it('should error body and result, and cancel the handler', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('       --h--a--#', CHUNKS, 'reset');
      const answer = cold<never>('  -------');
      const expected = '          --------#';
      const expectedBody = '      -----a--#';
      const taken = new Subject<Uint8Array>();
      const handle: ScgiHandler = ({ body }) => {
        body.subscribe(taken);
        return answer;
      };
      expectObservable(taken).toBe(expectedBody, CHUNKS, 'reset');
      expectObservable(source.pipe(handleScgi(handle))).toBe(expected, {}, 'reset');
      expectSubscriptions(answer.subscriptions).toBe('--^-----!');
    });
  });
});
