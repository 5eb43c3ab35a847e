import { NEVER, Observable, concat, finalize, of, throwError } from 'rxjs';
import { handleScgi } from '../../../lib/operators/handle-scgi.js';
import type { ScgiHandler, ScgiRequest } from '../../../lib/operators/types.js';
import { errorAnswerOf } from '../../helpers/virtual-time/responses/answers.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { wholeRequest } from '../../helpers/wire/requests.js';
import { turns } from '../../helpers/virtual-time/responses/response-bodies.js';
import { show } from '../../helpers/wire/wire.js';

const WHOLE = 'Status: 200 OK\r\nContent-Length: 2\r\n\r\nhi';
const RESPONSE = { body: 'hi' };
const BOOM = new Error('boom');

expectNoProcessFaults();

/** What goes out and how it ends, once nothing more happens, and how often onError was told. */
async function answerOf(give: (request: ScgiRequest) => unknown) {
  const sent: string[] = [];
  let failures = 0;
  let finalized = 0;
  concat(of(wholeRequest('abc')), NEVER)
    .pipe(
      finalize(() => finalized++),
      handleScgi(give as ScgiHandler, { onError: () => failures++ }),
    )
    .subscribe({
      next: (bytes) => sent.push(show(bytes)),
      error: () => sent.push('#'),
      complete: () => sent.push('|'),
    });
  await turns();
  return { sent, failures, finalized };
}

/** An object of which one member throws when it is read. */
function throwing(member: PropertyKey, base: object = {}): object {
  return Object.defineProperty(base, member, { get: () => fail(), enumerable: true });
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** A real Promise with a `then` of its own, as some database clients return. */
function promiseWith(then: () => Promise<never>): object {
  return Object.assign(Promise.resolve(RESPONSE), { then });
}

function fail(): never {
  throw BOOM;
}

const FAILS = { sent: [errorAnswerOf(500), '|'], failures: 1, finalized: 1 };
const ANSWERS = { sent: [WHOLE, '|'], failures: 0, finalized: 1 };

describe('handleScgi, given a value that throws when it is looked at', () => {
  it.each<[string, () => unknown]>([
    ['a thenable with a throwing `then` getter', () => throwing('then')],
    ['a thenable whose `then` throws', () => ({ then: fail })],
    [
      'a thenable that rejects and then throws',
      () => ({
        then: (_: unknown, no: Settle) => {
          no(BOOM);
          fail();
        },
      }),
    ],
    [
      'a thenable that rejects twice',
      () => ({
        then: (_: unknown, no: Settle) => {
          no(BOOM);
          no(BOOM);
        },
      }),
    ],
    [
      'a thenable that rejects with a revoked Proxy',
      () => ({
        then: (_: unknown, no: Settle) => {
          no(revoked());
        },
      }),
    ],
    ['a thenable whose `then` is async and throws', () => ({ then: async () => fail() })],
    ['a Promise whose own `then` is async and throws', () => promiseWith(async () => fail())],
    ['a Promise of a response with a throwing getter', async () => throwing('body')],
    [
      'a Promise of a revoked Proxy',
      () => ({
        then: (yes: Settle) => {
          yes(revoked());
        },
      }),
    ],
    ['a revoked Proxy', revoked],
    ['an iterable with a throwing Symbol.iterator', () => throwing(Symbol.iterator)],
    ['an iterable whose iterator throws', () => ({ [Symbol.iterator]: fail })],
    ['an iterator without next', () => ({ [Symbol.iterator]: () => ({}) })],
    ['an iterator with a throwing next', () => ({ [Symbol.iterator]: () => ({ next: fail }) })],
    ['an iterator result with a throwing done', () => iterable(() => throwing('done'))],
    ['an iterator result with a throwing value', () => iterable(() => throwing('value', { done: false }))],
    ['an async iterable with a throwing member', () => throwing(Symbol.asyncIterator)],
    ['an async iterable whose iterator throws', () => ({ [Symbol.asyncIterator]: fail })],
    ['an async iterator with a throwing next', () => ({ [Symbol.asyncIterator]: () => ({ next: fail }) })],
    ['an async iterator result that throws', () => asyncIterable(() => throwing('done'))],
    ['an async iterator that gives a throwing thenable', () => asyncIterable(() => throwing('then'))],
    ['a stream with a throwing getReader', () => throwing('getReader')],
    ['an interop Observable that throws', () => ({ [Symbol.observable ?? '@@observable']: fail })],
    ['an Observable that throws', () => new Observable(fail)],
    ['an Observable of a revoked Proxy', () => of(revoked())],
    ['an error that is a revoked Proxy', () => throwError(revoked)],
    ['an error whose members throw', () => throwError(() => throwing('code', throwing('status')))],
    ['an error that has every property', () => throwError(() => new Proxy({}, { has: () => true }))],
    ...['status', 'headers', 'body'].map((member): [string, () => unknown] => [
      `a response with a throwing ${member}`,
      () => of(throwing(member)),
    ]),
    ['a response whose headers throw', () => of({ headers: { [Symbol.iterator]: fail } })],
    ['a response whose header throws', () => of({ headers: throwing('A', {}) })],
  ])('%s, should answer 500 and nothing else', async (_, give) => {
    expect(await answerOf(give)).toEqual(FAILS);
  });

  it.each<[string, () => unknown]>([
    [
      'a thenable that resolves twice',
      () => ({
        then: (yes: Settle) => {
          yes(RESPONSE);
          yes({ body: 'no' });
        },
      }),
    ],
    [
      'a thenable that resolves and throws',
      () => ({
        then: (yes: Settle) => {
          yes(RESPONSE);
          fail();
        },
      }),
    ],
    [
      'a thenable that resolves and rejects',
      () => ({
        then: (yes: Settle, no: Settle) => {
          yes(RESPONSE);
          no(BOOM);
        },
      }),
    ],
    [
      'a thenable whose `then` is async, resolves and throws',
      () => ({
        then: async (yes: Settle) => {
          yes(RESPONSE);
          await Promise.resolve();
          fail();
        },
      }),
    ],
    [
      'a thenable whose `then` returns an odd thenable',
      () => ({
        then: (yes: Settle) => {
          yes(RESPONSE);
          return { then: async () => fail() };
        },
      }),
    ],
    [
      'an iterator whose return throws',
      () => ({ [Symbol.iterator]: () => ({ next: () => ({ done: false, value: RESPONSE }), return: fail }) }),
    ],
    ['an Observable whose finalizer throws', () => concat(of(RESPONSE), NEVER).pipe(finalize(fail))],
    [
      'an Observable that throws after its response',
      () =>
        new Observable((s) => {
          s.next(RESPONSE);
          fail();
        }),
    ],
  ])('%s, should send the response, once', async (_, give) => {
    const { sent, finalized } = await answerOf(give);
    expect({ sent, finalized }).toEqual({ sent: ANSWERS.sent, finalized: 1 });
  });

  it('should call `then` once, and read it once', async () => {
    let reads = 0;
    let calls = 0;
    const thenable = {
      get then() {
        reads++;
        return (yes: Settle) => {
          calls++;
          yes(RESPONSE);
        };
      },
    };
    expect(await answerOf(() => thenable)).toEqual(ANSWERS);
    expect({ reads, calls }).toEqual({ reads: 1, calls: 1 });
  });
});

type Settle = (value: unknown) => void;

function iterable(next: () => unknown): object {
  return { [Symbol.iterator]: () => ({ next }) };
}

function asyncIterable(next: () => unknown): object {
  return { [Symbol.asyncIterator]: () => ({ next }) };
}
