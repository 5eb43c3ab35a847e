/** Sources are finalized when nothing more can come of them. */
import { NEVER, Observable, Subject, Subscriber, finalize, of, type OperatorFunction } from 'rxjs';
import {
  decodeScgi,
  decodeScgiEvents,
  decodeScgiResponse,
  encodeScgi,
  encodeScgiEvents,
  encodeScgiRequest,
  handleScgi,
  type ScgiBody,
} from '../../lib/index.js';
import { expectNoProcessFaults } from '../helpers/faults/process-faults.js';
import { requestHead } from '../helpers/wire/requests.js';
import { wire } from '../helpers/wire/wire.js';

expectNoProcessFaults();

describe.each<[string, () => OperatorFunction<never, unknown>]>([
  ['decodeScgi', decodeScgi],
  ['decodeScgiEvents', decodeScgiEvents],
  ['decodeScgiResponse', decodeScgiResponse],
  ['encodeScgi', encodeScgi],
  ['encodeScgiEvents', encodeScgiEvents],
  ['encodeScgiRequest', encodeScgiRequest],
  ['handleScgi', () => handleScgi(() => ({}))],
])('%s', (_name, operator) => {
  // `forkJoin`, `combineLatest` and others subscribe to a source although an earlier one has ended them.
  it('should unsubscribe from its source at once for a subscriber that is closed already', () => {
    const calls: string[] = [];
    const source = new Observable<never>((subscriber) => {
      calls.push('subscribed');
      subscriber.add(() => calls.push('finalized'));
    });
    const closed = new Subscriber<unknown>();
    closed.unsubscribe();
    source.pipe(operator()).subscribe(closed);
    expect(calls).toEqual(['subscribed', 'finalized']);
  });
});

describe.each<[string, Uint8Array, () => OperatorFunction<Uint8Array, { readonly body: ScgiBody }>]>([
  ['decodeScgi', requestHead(9), decodeScgi],
  ['decodeScgiResponse', wire('Content-Length: 9\n\n'), decodeScgiResponse],
])('%s', (_name, head, operator) => {
  it('should finalize a source that errors, although the reader of the body holds still, and keep what is held for it', async () => {
    let source!: Subscriber<Uint8Array>;
    let isFinalized = false;
    let body!: ScgiBody;
    const chunks = new Observable<Uint8Array>((subscriber) => {
      source = subscriber;
      return () => (isFinalized = true);
    });
    chunks.pipe(operator()).subscribe({ next: (message) => (body = message.body), error: () => undefined });
    source.next(head);
    const iterator = body[Symbol.asyncIterator]();
    const first = iterator.next();
    source.next(wire('abc'));
    source.next(wire('def'));
    source.error(new Error('gone'));
    expect(isFinalized).toBe(true);
    expect((await first).value).toEqual(wire('abc'));
    expect((await iterator.next()).value).toEqual(wire('def'));
    await expect(iterator.next()).rejects.toThrow('gone');
  });
});

describe.each<[string, (body: Observable<string>) => Observable<Uint8Array>]>([
  ['encodeScgi', (body) => of({ body }).pipe(encodeScgi())],
  ['encodeScgiRequest', (body) => of({ body, contentLength: 1 }).pipe(encodeScgiRequest())],
])('%s, given a body with a finalizer that throws,', (_name, encode) => {
  const fails = () => {
    throw new Error('finalizer');
  };

  it.each<[string, (body: Subject<string>) => void, string]>([
    ['completed', (body) => body.complete(), '|'],
    ['failed', (body) => body.error('late'), 'late'],
  ])('should end as the body does, and throw to whoever has %s it', (_what, end, ending) => {
    const log: unknown[] = [];
    const body = new Subject<string>();
    encode(body.pipe(finalize(fails))).subscribe({
      error: (error: unknown) => log.push(error),
      complete: () => log.push('|'),
    });
    body.next('a');
    expect(() => end(body)).toThrow('finalizer');
    expect(log).toEqual([ending]);
  });

  it('should not throw to whoever unsubscribes', () => {
    const finalized: unknown[] = [];
    const body = NEVER.pipe(
      finalize(fails),
      finalize(() => finalized.push('body')),
    );
    encode(body).subscribe().unsubscribe();
    expect(finalized).toEqual(['body']);
  });
});
