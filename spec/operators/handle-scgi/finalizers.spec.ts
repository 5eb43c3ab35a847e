import { NEVER, Subject, concat, finalize, of } from 'rxjs';
import { createFlow, type Flow } from '../../../lib/operators/flow/flow.js';
import { handleScgi } from '../../../lib/operators/handle-scgi.js';
import { serverSentEvents } from '../../../lib/operators/makers/server-sent-events.js';
import type { ScgiHandler } from '../../../lib/operators/types.js';
import { errorAnswerOf } from '../../helpers/virtual-time/responses/answers.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { requestHead, wholeRequest } from '../../helpers/wire/requests.js';
import { show } from '../../helpers/wire/wire.js';

const BOOM = new Error('boom');

expectNoProcessFaults();

function fail(): never {
  throw BOOM;
}

describe('handleScgi, given a finalizer that throws', () => {
  it.each<[string, ScgiHandler]>([
    ['the handler', () => NEVER.pipe(finalize(fail))],
    ['the response body', () => of({ body: NEVER.pipe(finalize(fail)) })],
    [
      'a reader of the body',
      ({ body }) => (body.pipe(finalize(fail)).subscribe({ error: () => undefined }), NEVER),
    ],
  ])('of %s, should release everything else when it is unsubscribed', (_, handler) => {
    const source = new Subject<Uint8Array>();
    const bytes = source.pipe(handleScgi(handler));
    const subscription = bytes.subscribe();
    source.next(requestHead(6));
    try {
      subscription.unsubscribe();
    } catch {
      // RxJS reports a finalizer that throws to whoever unsubscribes.
    }
    expect(source.observed).toBe(false);
  });

  it.each<[string, (body: Subject<string>) => void, string]>([
    ['completes', (body) => body.complete(), '|'],
    ['errors', (body) => body.error('late'), '#'],
  ])('of a response body, should end the response when the body %s later, and be told', (_, end, ending) => {
    const log: unknown[] = [];
    const body = new Subject<string>();
    const handler = () => of({ body: body.pipe(finalize(fail)) });
    of(wholeRequest('abc'))
      .pipe(handleScgi(handler, { onError: (error) => log.push(error) }))
      .subscribe({
        next: (bytes) => log.push(show(bytes)),
        error: () => log.push('#'),
        complete: () => log.push('|'),
      });
    body.next('a');
    end(body);
    const errors = ending === '#' ? ['late'] : [];
    const thrown: unknown = expect.objectContaining({ name: 'UnsubscriptionError', errors: [BOOM] });
    expect(log).toEqual(['Status: 200 OK\r\n\r\n', 'a', ...errors, ending, thrown]);
  });

  it.each<[string, (flow: Flow, body: Subject<string>) => void, unknown[]]>([
    ['the result is unsubscribed', () => undefined, []],
    [
      'more is queued than may be',
      (flow, body) => {
        flow.holdOutput(concat(of(true), NEVER));
        body.next('too long');
      },
      [expect.objectContaining({ code: 'ERR_SCGI_RESPONSE_OVERFLOW' })],
    ],
  ])('of a response body, should be told when %s', (_, happen, errors) => {
    const log: unknown[] = [];
    const flow = createFlow();
    const body = new Subject<string>();
    const options = { flow, maxQueuedBytes: 2, onError: (error: unknown) => log.push(error) };
    const exchange = of(wholeRequest('abc'))
      .pipe(handleScgi(() => of({ body: body.pipe(finalize(fail)) }), options))
      .subscribe({ error: () => undefined });
    happen(flow, body);
    exchange.unsubscribe();
    const thrown: unknown = expect.objectContaining({ name: 'UnsubscriptionError', errors: [BOOM] });
    expect(log).toEqual([...errors, thrown]);
  });

  it('of an event stream, should be told when the server drains', () => {
    const log: unknown[] = [];
    const draining = new Subject<void>();
    const handler = () => of(serverSentEvents(NEVER.pipe(finalize(fail))));
    of(wholeRequest('abc'))
      .pipe(handleScgi(handler, { flow: createFlow({ draining }), onError: (error) => log.push(error) }))
      .subscribe({ complete: () => log.push('|') });
    draining.next();
    expect(log).toEqual(['|', expect.objectContaining({ name: 'UnsubscriptionError' })]);
  });

  it('should still answer the error of the exchange', () => {
    const sent: string[] = [];
    const source = new Subject<Uint8Array>();
    source.pipe(handleScgi(() => NEVER.pipe(finalize(fail)))).subscribe({
      next: (bytes) => sent.push(show(bytes)),
      complete: () => sent.push('|'),
    });
    source.next(requestHead(6));
    source.complete();
    expect(sent).toEqual([errorAnswerOf(400), '|']);
  });
});
