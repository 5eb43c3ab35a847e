/** A file that cannot be opened, as the body of a response that comes second, or late: destroyed, and nobody's error. */
import { createReadStream, type ReadStream } from 'node:fs';
import { NEVER, type Observable, Subject, VirtualTimeScheduler, concat, of } from 'rxjs';
import { encodeScgi } from '../../../lib/operators/encode-scgi.js';
import { handleScgi } from '../../../lib/operators/handle-scgi.js';
import type { HandleOptions } from '../../../lib/operators/engine-options.js';
import type { ScgiHandler, ScgiResponse } from '../../../lib/operators/types.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { wholeRequest } from '../../helpers/wire/requests.js';

const ignoring = { error: () => undefined };

expectNoProcessFaults();

/** A file that is not there, and its end: the error comes a moment after it is made. */
class MissingFile {
  readonly body: ReadStream = createReadStream('/there/is/no/such/file');
  readonly closed = new Promise<void>((resolve) => this.body.once('close', () => resolve()));

  async expectFreed(): Promise<void> {
    expect(this.body.destroyed).toBe(true);
    await this.closed;
  }
}

function handled(handler: ScgiHandler, options?: HandleOptions) {
  return concat(of(wholeRequest('')), NEVER)
    .pipe(handleScgi(handler, options))
    .subscribe(ignoring);
}

describe('a file that cannot be opened, in a second response', () => {
  it.each<[through: string, send: (responses: Observable<ScgiResponse>) => unknown]>([
    ['handleScgi', (responses) => handled(() => responses)],
    ['encodeScgi', (responses) => responses.pipe(encodeScgi()).subscribe(ignoring)],
  ])('should be destroyed by %s', async (_, send) => {
    const file = new MissingFile();
    send(of({ body: NEVER }, { body: file.body }));
    await file.expectFreed();
  });
});

describe('a file that cannot be opened, in a response that comes late', () => {
  it('should be destroyed when the gateway has gone', async () => {
    const file = new MissingFile();
    const late = Promise.resolve({ body: file.body });
    handled(() => late).unsubscribe();
    await late;
    await file.expectFreed();
  });

  it('should be destroyed when the handler has timed out', async () => {
    const file = new MissingFile();
    const late = Promise.resolve({ body: file.body });
    const scheduler = new VirtualTimeScheduler();
    handled(() => late, { handlerTimeoutMs: 10, scheduler });
    scheduler.flush();
    await late;
    await file.expectFreed();
  });

  it('should be destroyed when the connection is lost', async () => {
    const file = new MissingFile();
    const source = new Subject<Uint8Array>();
    const answer = new Subject<ScgiResponse>();
    const handler: ScgiHandler = (request) => {
      request.body.subscribe({ error: () => answer.next(file) });
      return answer;
    };
    source.pipe(handleScgi(handler)).subscribe(ignoring);
    source.next(wholeRequest('abc').subarray(0, -1));
    source.error(new Error('reset'));
    await file.expectFreed();
  });
});

describe('a file that cannot be opened, where a response should be', () => {
  it('should be destroyed', async () => {
    const file = new MissingFile();
    handled(() => of(file.body as ScgiResponse));
    await file.expectFreed();
  });
});
