import { NEVER, Subject, concat, mergeMap, of, take, type Observable } from 'rxjs';
import { decodeScgi } from '../../../lib/operators/decode-scgi.js';
import { encodeScgi } from '../../../lib/operators/encode-scgi.js';
import { createFlow } from '../../../lib/operators/flow/flow.js';
import { handleScgi } from '../../../lib/operators/handle-scgi.js';
import type { ScgiHandler, ScgiRequest } from '../../../lib/operators/types.js';
import { errorFacts } from '../../helpers/virtual-time/marbles.js';
import { requestHead, wholeRequest } from '../../helpers/wire/requests.js';
import { wire } from '../../helpers/wire/wire.js';

const RESET = new Error('reset');
const EOF = { code: 'ERR_SCGI_PREMATURE_EOF', offset: requestHead(6).length };

/** Both ways to compose an exchange. */
const EXCHANGES: [
  string,
  (handler: ScgiHandler) => (source: Observable<Uint8Array>) => Observable<Uint8Array>,
][] = [
  ['handleScgi', (handler) => handleScgi(handler)],
  [
    'decodeScgi, mergeMap and encodeScgi',
    (handler) => (source) => {
      const flow = createFlow();
      return source.pipe(decodeScgi({ flow }), mergeMap(handler), encodeScgi({ flow }));
    },
  ],
];

describe.each(EXCHANGES)('request.signal, in %s', (_, compose) => {
  function exchange(answer: (request: ScgiRequest) => ReturnType<ScgiHandler>, head = requestHead(6)) {
    const log: unknown[] = [];
    const requests: ScgiRequest[] = [];
    const source = new Subject<Uint8Array>();
    const handle: ScgiHandler = (request) => {
      requests.push(request);
      request.signal.addEventListener('abort', () => log.push('aborted'));
      return answer(request);
    };
    const subscription = source.pipe(compose(handle)).subscribe({
      error: () => log.push('#'),
      complete: () => log.push('|'),
    });
    source.next(head);
    return { log, source, subscription, request: requests[0]! };
  }

  it('should be aborted once the response is out', () => {
    const answer = new Subject<object>();
    const { log, request } = exchange(() => answer, wholeRequest('abc'));
    expect(request.signal.aborted).toBe(false);
    answer.next({});
    answer.complete();
    expect(log).toEqual(['|', 'aborted']);
    expect(request.signal.reason).toMatchObject({ name: 'AbortError' });
  });

  it.each([
    ['inside the body', requestHead(6)],
    ['after it', wholeRequest('abc')],
  ])('should be aborted when the exchange is unsubscribed %s', (_, head) => {
    const { log, subscription, request } = exchange(() => NEVER, head);
    subscription.unsubscribe();
    expect(log).toEqual(['aborted']);
    expect(request.signal.reason).toMatchObject({ name: 'AbortError' });
  });

  it.each<[string, unknown, (source: Subject<Uint8Array>) => void]>([
    ['a reset', RESET, (source) => source.error(RESET)],
    ['a premature end', EOF, (source) => source.complete()],
  ])('should be aborted by %s, with the error as its reason', (_, reason, end) => {
    const { log, source, request } = exchange(() => NEVER);
    end(source);
    expect(log).toContain('aborted');
    expect(errorFacts(request.signal.reason)).toEqual(reason);
  });

  it('should be aborted when the handler fails', () => {
    const answer = new Subject<never>();
    const { log, request } = exchange(() => answer, wholeRequest('abc'));
    answer.error(RESET);
    expect(log).toContain('aborted');
    expect(request.signal.aborted).toBe(true);
  });

  it('should be one signal, aborted from the start when it is asked for late', () => {
    const requests: ScgiRequest[] = [];
    concat(of(wholeRequest('')), NEVER)
      .pipe(compose((request) => (requests.push(request), of({}))))
      .subscribe()
      .unsubscribe();
    const [request] = requests;
    expect(request!.signal).toBe(request!.signal);
    expect(request!.signal.aborted).toBe(true);
  });
});

it('should not abort request.signal when the result of decodeScgi is left, but when the response is out', () => {
  const flow = createFlow();
  const answer = new Subject<object>();
  const requests: ScgiRequest[] = [];
  concat(of(wholeRequest('')), NEVER)
    .pipe(
      decodeScgi({ flow }),
      take(1),
      mergeMap((request) => (requests.push(request), answer)),
      encodeScgi({ flow }),
    )
    .subscribe();
  expect(requests[0]!.signal.aborted).toBe(false);
  answer.next({});
  expect(requests[0]!.signal.aborted).toBe(true);
});

describe('request.signal, of decodeScgi alone', () => {
  it('should not be aborted by the end of the request: the exchange goes on', () => {
    const requests: ScgiRequest[] = [];
    of(wholeRequest('abc'))
      .pipe(decodeScgi())
      .subscribe((request) => requests.push(request));
    expect(requests[0]!.signal.aborted).toBe(false);
  });

  it('should not be aborted while somebody reads a body of which the result has been left', () => {
    const source = new Subject<Uint8Array>();
    const requests: ScgiRequest[] = [];
    const read = (request: ScgiRequest): void => {
      requests.push(request);
      request.body.subscribe();
    };
    const subscription = source.pipe(decodeScgi()).subscribe(read);
    source.next(requestHead(6));
    subscription.unsubscribe();
    source.next(wire('abc'));
    expect(requests[0]!.signal.aborted).toBe(false);
  });
});
