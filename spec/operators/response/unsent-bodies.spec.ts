import { NEVER, type Observable, Subject, VirtualTimeScheduler, concat, of } from 'rxjs';
import { handleScgi } from '../../../lib/operators/handle-scgi.js';
import type { HandleOptions } from '../../../lib/operators/engine-options.js';
import type { ScgiHandler, ScgiResponse } from '../../../lib/operators/types.js';
import { wholeRequest } from '../../helpers/wire/requests.js';

/** What a file or a foreign stream is: it costs something until it is destroyed. */
class Resource implements AsyncIterable<Uint8Array> {
  destroyed = false;

  destroy(): void {
    this.destroyed = true;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(new Uint8Array(1));
  }
}

const request = (): Observable<Uint8Array> => concat(of(wholeRequest('')), NEVER);

const ignoring = { error: () => undefined };

/** Lets Promises that are settled be heard of. */
async function turn(): Promise<void> {
  await Promise.resolve();
  await Promise.resolve();
}

function handled(handler: ScgiHandler, options?: HandleOptions) {
  return request().pipe(handleScgi(handler, options)).subscribe(ignoring);
}

describe('the body of a response that is not sent', () => {
  it.each<[why: string, response: ScgiResponse]>([
    ['a header is invalid', { headers: { 'Bad Name': 'x' } }],
    ['the status is invalid', { status: 99 }],
    ['it is a local redirect', { headers: { Location: '/elsewhere' } }],
  ])('should be freed when %s', (_, response) => {
    const body = new Resource();
    handled(() => of({ ...response, body }));
    expect(body.destroyed).toBe(true);
  });

  it('should be freed when it is the second, and the first go on', () => {
    const [first, second] = [new Resource(), new Resource()];
    handled(() => of({ body: first }, { body: second }));
    expect([first.destroyed, second.destroyed]).toEqual([false, true]);
  });

  it('should be freed when a Promise gives it after the gateway has gone', async () => {
    const body = new Resource();
    const exchange = handled(() => Promise.resolve().then(() => ({ body })));
    exchange.unsubscribe();
    await turn();
    expect(body.destroyed).toBe(true);
  });

  it('should be freed when a Promise gives it after the handler has timed out', async () => {
    const body = new Resource();
    const scheduler = new VirtualTimeScheduler();
    handled(() => Promise.resolve().then(() => ({ body })), { handlerTimeoutMs: 10, scheduler });
    scheduler.flush();
    await turn();
    expect(body.destroyed).toBe(true);
  });

  it('should be freed when the handler gives it as the connection is lost', () => {
    const body = new Resource();
    const source = new Subject<Uint8Array>();
    const answer = new Subject<ScgiResponse>();
    const handler: ScgiHandler = ({ body: upload }) => {
      upload.subscribe({ error: () => answer.next({ body }) });
      return answer;
    };
    source.pipe(handleScgi(handler)).subscribe(ignoring);
    source.next(wholeRequest('abc').subarray(0, -1));
    source.error(new Error('reset'));
    expect(body.destroyed).toBe(true);
  });

  it('should not be freed when a Promise gives it in time', async () => {
    const body = new Resource();
    handled(() => Promise.resolve({ body }), {});
    await turn();
    expect(body.destroyed).toBe(false);
  });
});
