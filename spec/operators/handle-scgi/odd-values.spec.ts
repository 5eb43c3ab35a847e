import { NEVER, concat, of } from 'rxjs';
import { handleScgi } from '../../../lib/operators/handle-scgi.js';
import { INTEROP } from '../../../lib/operators/response/body-chunk.js';
import type { ScgiHandler, ScgiResponse } from '../../../lib/operators/types.js';
import { callHandler } from '../../../lib/testing/call-handler.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { errorAnswerOf } from '../../helpers/virtual-time/responses/answers.js';
import { errorFacts } from '../../helpers/virtual-time/marbles.js';
import { wholeRequest } from '../../helpers/wire/requests.js';
import { show } from '../../helpers/wire/wire.js';

const WHOLE = 'Status: 200 OK\r\nContent-Length: 2\r\n\r\nhi';
const RESPONSE: ScgiResponse = { body: 'hi' };
const BOOM = new Error('boom');

expectNoProcessFaults();

/** What goes out, and what onError was told. */
function answerOf(handler: ScgiHandler) {
  const sent: unknown[] = [];
  const errors: unknown[] = [];
  concat(of(wholeRequest('', {})), NEVER)
    .pipe(handleScgi(handler, { onError: (error) => errors.push(errorFacts(error)) }))
    .subscribe({ next: (bytes) => sent.push(show(bytes)), complete: () => sent.push('|') });
  return { sent, errors };
}

describe('handleScgi, with a handler that returns an object that looks like a source', () => {
  it.each<[string, string, () => unknown]>([
    ['ERR_SCGI_NO_RESPONSE', 'an object whose then is null', () => ({ then: null })],
    ['ERR_SCGI_NO_RESPONSE', 'an object whose then is a number', () => ({ then: 5, body: 'hi' })],
    [
      'ERR_SCGI_NO_RESPONSE',
      'an object that RxJS cannot subscribe to',
      () => ({ subscribe: () => undefined }),
    ],
    ['ERR_SCGI_NO_RESPONSE', 'an async iterable that is none', () => ({ [Symbol.asyncIterator]: null })],
    ['ERR_SCGI_NO_RESPONSE', 'an iterable that is none', () => ({ [Symbol.iterator]: 1 })],
    ['ERR_SCGI_NO_RESPONSE', 'an interop Observable that is none', () => ({ [INTEROP]: null })],
    ['ERR_SCGI_NO_RESPONSE', 'a stream without a reader', () => ({ getReader: 1 })],
    ['ERR_SCGI_NO_RESPONSE', 'an object with a length of no number', () => ({ length: '1' })],
    ['ERR_SCGI_BODY_TYPE', 'a body whose then is null', () => ({ body: { then: null } })],
  ])('should answer 500 and report %s for %s, as callHandler does', (code, _, give) => {
    const { sent, errors } = answerOf(give as ScgiHandler);
    expect({ sent, errors }).toEqual({ sent: [errorAnswerOf(500), '|'], errors: [{ code }] });
    const called: unknown[] = [];
    callHandler(give as ScgiHandler).subscribe({ error: (error: unknown) => called.push(errorFacts(error)) });
    expect(called).toEqual([{ code }]);
  });
});

describe('handleScgi, with a handler that returns an object with code of its own', () => {
  it.each<[string, () => unknown]>([
    [
      'a getter of its response',
      () => ({
        get body(): string {
          return fail(BOOM);
        },
      }),
    ],
    [
      'a getter of then',
      () => ({
        get then(): unknown {
          return fail(BOOM);
        },
      }),
    ],
    ['a Proxy', () => new Proxy({}, { has: () => fail(BOOM) })],
    ['a Proxy, of each property', () => new Proxy({}, { get: () => fail(BOOM) })],
    ['a Proxy, of its keys', () => new Proxy({}, { ownKeys: () => fail(BOOM) })],
    [
      'a getter of its body',
      () => ({
        body: {
          get then(): unknown {
            return fail(BOOM);
          },
        },
      }),
    ],
    ['a Proxy that is its body', () => ({ body: new Proxy({}, { get: () => fail(BOOM) }) })],
  ])('an error thrown by %s should be what onError gets', (_, give) => {
    const { sent, errors } = answerOf(give as ScgiHandler);
    expect(errors).toEqual([BOOM]);
    expect(sent).toEqual([errorAnswerOf(500), '|']);
  });

  it('a revoked Proxy should answer 500', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const { sent, errors } = answerOf((() => proxy) as never);
    expect({ sent, failures: errors.length }).toEqual({ sent: [errorAnswerOf(500), '|'], failures: 1 });
  });

  it.each<[string, (settle: (response: ScgiResponse) => void, refuse: (error: unknown) => void) => void]>([
    ['twice', (settle) => [RESPONSE, { body: 'other' }].forEach(settle)],
    ['back, and fails', (settle, refuse) => [settle, () => refuse(BOOM)].forEach((call) => call(RESPONSE))],
    ['back, and throws', (settle) => (settle(RESPONSE), fail(BOOM))],
  ])('a thenable that calls %s should send the first', (_, then) => {
    const { sent, errors } = answerOf((() => ({ then })) as never);
    expect({ sent, errors }).toEqual({ sent: [WHOLE, '|'], errors: [] });
  });
});

function fail(error: Error): never {
  throw error;
}
