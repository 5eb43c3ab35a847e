import { NEVER, Subject, concat, firstValueFrom, mergeMap, of, take } from 'rxjs';
import { decodeScgi } from '../../../lib/operators/decode-scgi.js';
import { handleScgi } from '../../../lib/operators/handle-scgi.js';
import { verifyDecodeOptions } from '../../../lib/operators/engine-options.js';
import { BodyChannel } from '../../../lib/operators/request/body-channel.js';
import { RequestIntake } from '../../../lib/operators/request/request-intake.js';
import type { ScgiRequest } from '../../../lib/operators/types.js';
import { errorAnswerOf } from '../../helpers/virtual-time/responses/answers.js';
import { errorFacts, marbles } from '../../helpers/virtual-time/marbles.js';
import { joined, requestHead, wholeRequest } from '../../helpers/wire/requests.js';
import { show, wire } from '../../helpers/wire/wire.js';

const REENTRANT = { code: 'ERR_SCGI_REENTRANT' };

describe('a source that pushes from inside of a delivery', () => {
  it.each<[string, (source: Subject<Uint8Array>) => void]>([
    ['pushes', (source) => source.next(wire('BBB'))],
    ['completes', (source) => source.complete()],
  ])('should error body and result of decodeScgi, and be left, when it %s', (_, reenter) => {
    const source = new Subject<Uint8Array>();
    const log: unknown[] = [];
    const read = ({ body }: ScgiRequest): void => {
      body.subscribe({
        next: (data) => log.push(show(data)),
        error: (error: unknown) => log.push('body', errorFacts(error)),
      });
      reenter(source);
    };
    source.pipe(decodeScgi()).subscribe({
      next: read,
      error: (error: unknown) => log.push('result', errorFacts(error)),
    });
    source.next(joined(requestHead(6), wire('AAA')));
    expect({ log, observed: source.observed }).toEqual({
      log: ['body', REENTRANT, 'result', REENTRANT],
      observed: false,
    });
  });

  it('should be answered 500 by handleScgi', () => {
    const source = new Subject<Uint8Array>();
    const sent: string[] = [];
    const errors: unknown[] = [];
    const handle = handleScgi(
      (request) => {
        source.next(wire('BBB'));
        return request.text().pipe(mergeMap((body) => of({ body })));
      },
      { onError: (error) => errors.push(errorFacts(error)) },
    );
    source
      .pipe(handle)
      .subscribe({ next: (bytes) => sent.push(show(bytes)), complete: () => sent.push('|') });
    source.next(joined(requestHead(6), wire('AAA')));
    expect({ sent, errors }).toEqual({ sent: [errorAnswerOf(500), '|'], errors: [REENTRANT] });
  });

  it('should be dropped as any surplus is once the request is complete', () => {
    const source = new Subject<Uint8Array>();
    const log: unknown[] = [];
    const read = ({ body }: ScgiRequest) => body.subscribe({ complete: () => source.next(wire('BBB')) });
    source.pipe(decodeScgi()).subscribe({ next: read, complete: () => log.push('|') });
    source.next(joined(requestHead(3), wire('AAA')));
    expect(log).toEqual(['|']);
  });
});

describe('the body of a request of length 0', () => {
  async function left(): Promise<ScgiRequest> {
    return firstValueFrom(concat(of(wholeRequest('')), NEVER).pipe(decodeScgi()));
  }

  it('should complete at once, though the result has been left', async () => {
    expect(await firstValueFrom((await left()).text())).toBe('');
    for await (const _ of (await left()).body) throw new Error('a chunk');
  });

  it('should complete at once, though the result has completed', () => {
    marbles(({ cold, expectObservable }) => {
      const requests: ScgiRequest[] = [];
      cold('g|', { g: wholeRequest('') })
        .pipe(decodeScgi())
        .subscribe((request) => requests.push(request));
      expectObservable(
        cold('-----r', { r: undefined }).pipe(
          mergeMap(() => requests[0]!.body),
          take(1),
        ),
      ).toBe('------');
      expectObservable(cold('-----(r|)', { r: undefined }).pipe(mergeMap(() => requests[0]!.body))).toBe(
        '-----#',
        {},
        {
          code: 'ERR_SCGI_BODY_USED',
        },
      );
    });
  });

  it('should complete at once, though its exchange is over', () => {
    const requests: ScgiRequest[] = [];
    of(wholeRequest(''))
      .pipe(handleScgi((request) => (requests.push(request), of({}))))
      .subscribe();
    const log: string[] = [];
    requests[0]!.body.subscribe({ complete: () => log.push('|') });
    expect(log).toEqual(['|']);
  });

  it('should be one-shot as any other', async () => {
    const { body } = await left();
    body.subscribe();
    await expect(firstValueFrom(body)).rejects.toMatchObject({ code: 'ERR_SCGI_BODY_USED' });
  });
});

describe('the intake of a request of length 0', () => {
  it('should make a body only for those who ask for one, and await none once the response has begun', () => {
    const requests: ScgiRequest[] = [];
    const intake = new RequestIntake(verifyDecodeOptions(), undefined, {
      requestReceived: (request) => requests.push(request),
      requestCompleted: () => undefined,
      requestFailed: () => undefined,
    });
    intake.push(wholeRequest(''));
    const facts = () => [intake.channel, intake.bodyTaken, intake.bodyAwaited];
    expect(facts()).toEqual([undefined, false, true]);
    intake.startResponse();
    expect(facts()).toEqual([undefined, false, false]);
    const body = requests[0]!.body as unknown as Readonly<Record<symbol, unknown>>;
    expect(intake.channel).toBe(body[Symbol.for('rxscgi.channel')]);
    expect(facts()).toEqual([expect.any(BodyChannel), false, false]);
  });
});

describe('bytes after a request', () => {
  it('should be told to onError of handleScgi, and change nothing else', () => {
    const sent: string[] = [];
    const errors: unknown[] = [];
    const head = requestHead(3);
    of(joined(head, wire('abcd')))
      .pipe(
        handleScgi((request) => request.text().pipe(mergeMap((body) => of({ body }))), {
          onError: (error, request) => errors.push([errorFacts(error), request?.contentLength]),
        }),
      )
      .subscribe({ next: (bytes) => sent.push(show(bytes)), complete: () => sent.push('|') });
    expect({ sent, errors }).toEqual({
      sent: ['Status: 200 OK\r\nContent-Length: 3\r\n\r\nabc', '|'],
      errors: [[{ code: 'ERR_SCGI_BODY_SURPLUS', offset: head.length + 3 }, 3]],
    });
  });
});
