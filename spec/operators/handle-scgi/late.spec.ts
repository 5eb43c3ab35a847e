import { NEVER, catchError, concat, map, of } from 'rxjs';
import { handleScgi } from '../../../lib/operators/handle-scgi.js';
import type { ScgiHandler, ScgiResponse } from '../../../lib/operators/types.js';
import { errorFacts } from '../../helpers/virtual-time/marbles.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { requestHead, wholeRequest } from '../../helpers/wire/requests.js';
import { turns } from '../../helpers/virtual-time/responses/response-bodies.js';
import { wire } from '../../helpers/wire/wire.js';

const RESET = new Error('reset');

expectNoProcessFaults();

describe('handleScgi, when nobody waits any more for what its handler promised', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['a rejection', () => Promise.reject(RESET)],
    ['nothing', () => Promise.resolve(undefined)],
    ['no response', () => Promise.resolve(5)],
    ['a body at hand', () => Promise.resolve({ body: 'hi' })],
    ['a body that is rejected', () => Promise.resolve({ body: Promise.reject(RESET) })],
  ])('should ignore %s', async (_, give) => {
    const log: unknown[] = [];
    const handle = handleScgi(give as ScgiHandler, { onError: (error) => log.push(error) });
    concat(of(wholeRequest('')), NEVER)
      .pipe(handle)
      .subscribe((bytes) => log.push(bytes))
      .unsubscribe();
    await turns();
    expect(log).toEqual([]);
  });
});

describe('handleScgi, when its handler answers to the error of its body', () => {
  const fault = { code: 'ERR_SCGI_PREMATURE_EOF', offset: requestHead(6).length + 3 };

  /** What onError is told when the handler makes `answer` of the error. */
  function toldOf(answer: (error: unknown) => ScgiResponse): unknown[] {
    const told: unknown[] = [];
    const handle: ScgiHandler = (request) =>
      request.bytes().pipe(
        map(() => ({})),
        catchError((error: unknown) => of(answer(error))),
      );
    of(requestHead(6), wire('abc'))
      .pipe(handleScgi(handle, { onError: (error) => told.push(errorFacts(error)) }))
      .subscribe({ error: () => undefined });
    return told;
  }

  it('should call onError only for that error when the answer is valid', () => {
    expect(toldOf(() => ({ status: 400 }))).toEqual([fault]);
  });

  it('should call onError for a second error when the answer is not', () => {
    expect(toldOf(() => ({ status: 99 }))).toEqual([fault, { code: 'ERR_SCGI_STATUS_INVALID' }]);
  });

  it('should call onError once for an error that is forwarded', () => {
    const rethrow = (error: unknown): never => {
      throw error;
    };
    expect(toldOf(rethrow)).toEqual([fault]);
  });
});
