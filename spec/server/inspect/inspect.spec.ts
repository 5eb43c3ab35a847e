/** What the observer of a server is told, in virtual time. */
import { EMPTY, NEVER, concat, delay, map, mergeMap, of, throwError, timer } from 'rxjs';
import { pullMap, type AnyScgiHandler } from '../../../lib/index.js';
import { inspect, lineOf } from '../../helpers/virtual-time/server/inspected.js';
import type { Play } from '../../helpers/virtual-time/server/virtual-server.js';

const SMALL = { options: { bodyHighWaterMark: 1000, maxQueuedBytes: 3000 } };

function post(bytes: number) {
  return { variables: { CONTENT_LENGTH: String(bytes), REQUEST_METHOD: 'POST' } };
}

/** The lines of the only connection. */
function lines(
  handler: AnyScgiHandler,
  does: string,
  request: NonNullable<Play['gateways'][number]['request']> = post(0),
  more: Partial<Play> = SMALL,
): string[] {
  return inspect({ handler, gateways: [{ does, request }], ...more }).map(lineOf);
}

describe('inspect', () => {
  it('should tell the stack of an error of the application, and none of the library', () => {
    const failed = (handler: AnyScgiHandler) =>
      inspect({ handler, gateways: [{ does: 'cq---F' }] }).find(({ type }) => type === 'error');
    expect(failed(() => throwError(() => new TypeError('x')))).toMatchObject({
      code: 'TypeError',
      frames: expect.arrayContaining([expect.stringMatching(/^at .*inspect\.spec\.ts:/)]) as string[],
    });
    expect(failed(() => EMPTY)).toMatchObject({ code: 'ERR_SCGI_NO_RESPONSE' });
    expect(failed(() => EMPTY)).not.toHaveProperty('frames');
  });

  it('should tell a whole exchange, in its order', () => {
    expect(lines(() => of({ body: 'hello' }), 'cq---F')).toEqual([
      '0 open',
      '1 bytes-in 101',
      '1 request 0',
      '1 handler called',
      '1 handler emitted',
      '1 response 200 handler',
      '1 chunk 5',
      '1 bytes-out 42',
      '1 end fin',
      '1 handler unsubscribed',
      '5 bytes-in-end',
      '5 close',
    ]);
  });

  it('should tell the variables, the fields of the response, and what bodies begin with', () => {
    const events = inspect({
      handler: (request) =>
        request.text().pipe(map((text) => ({ headers: { 'X-A': '1' }, body: `${text}\xe9` }))),
      gateways: [{ does: 'cq---F', request: { body: 'z', headers: { 'X-B': '2' } } }],
    });
    const [request] = events.filter(({ type }) => type === 'request');
    expect(request).toMatchObject({ connection: 1, at: 1, contentLength: 1 });
    expect((request as unknown as { variables: unknown }).variables).toEqual(
      expect.arrayContaining([
        ['CONTENT_LENGTH', '1'],
        ['HTTP_X_B', '2'],
      ]),
    );
    expect(events.find(({ type }) => type === 'response')).toMatchObject({
      headers: [
        ['Status', '200 OK'],
        ['X-A', '1'],
        ['Content-Length', '3'],
      ],
    });
    const texts = events.map((event) => ('text' in event ? event.text : undefined));
    expect(texts.filter((text) => text !== undefined)).toEqual(['z', 'z\xc3\xa9']);
  });

  it('should give the text of the first 4096 bytes of each body, and no more', () => {
    const events = inspect({
      handler: ({ body }) => of({ body }),
      gateways: [{ does: 'cqbbbbbb---F', request: post(6000) }],
    });
    const textBytes = (of: string) =>
      events
        .filter(({ type }) => type === of)
        .reduce((sum, event) => sum + ('text' in event ? (event.text ?? '').length : 0), 0);
    expect([textBytes('body'), textBytes('chunk')]).toEqual([4096, 4096]);
  });

  it('should tell the body as it is taken, and who brakes it meanwhile', () => {
    const slowly: AnyScgiHandler = ({ body }) =>
      of({ body: body.pipe(pullMap((chunk) => timer(5).pipe(map(() => chunk)))) });
    expect(lines(slowly, 'cqbb 20ms F', post(3000))).toEqual([
      '0 open',
      '1 bytes-in 105',
      '1 request 3000',
      '1 handler called',
      '1 handler emitted',
      '1 response 200 handler',
      '1 body-state subscribed pullMap',
      '1 bytes-out 18',
      '1 handler completed',
      '2 bytes-in 1000',
      '2 body 1000',
      '3 bytes-in 1000',
      '3 input-paused true pullMap',
      '7 chunk 1000',
      '7 bytes-out 1000',
      '7 input-paused false',
      '7 body 1000',
      '12 chunk 1000',
      '12 bytes-out 1000',
      '24 bytes-in-end',
      '24 error request ERR_SCGI_PREMATURE_EOF 2105',
      '24 body-state failed',
      '24 end reset',
      '24 close',
    ]);
  });

  it.each<[cause: string, handler: AnyScgiHandler]>([
    [
      'bodyHighWaterMark',
      (request) =>
        timer(20).pipe(
          mergeMap(() => request.text()),
          map(() => ({})),
        ),
    ],
    [
      'pullMap',
      ({ body }) =>
        body.pipe(
          pullMap(() => timer(20)),
          map(() => ({})),
        ),
    ],
    [
      'pullMap',
      ({ body }) =>
        body.pipe(
          map(({ length }) => length),
          pullMap(() => timer(20)),
          map(() => ({})),
        ),
    ],
    ['holdInput', ({ flow }) => (flow?.holdInput(concat(of(true), timer(20).pipe(map(() => false)))), NEVER)],
  ])('should name what pauses the input: %s', (cause, handler) => {
    const paused = lines(handler, 'cqbb 50ms R', post(4000)).filter((line) => line.includes('input-paused'));
    expect(paused[0]).toMatch(new RegExp(`true ${cause}$`));
    expect(paused.at(-1)).toMatch(/ false$/);
  });

  it('should name a response that is made of the body, and the transport behind it', () => {
    const paused = lines(({ body }) => of({ body }), '(cnqbbbb) 9ms T---F', post(4000));
    expect(paused.filter((line) => line.includes('paused true'))).toEqual([
      '0 output-paused true transport',
      '0 input-paused true response',
    ]);
  });

  it('should name the queue of a response that pushes', () => {
    const paused = lines(
      ({ body }) => of({ body: body.pipe(map((x) => x)) }),
      '(cnqbbbb) 9ms T---F',
      post(4000),
    );
    expect(paused.filter((line) => line.includes('paused true'))).toEqual([
      '0 output-paused true transport',
      '0 input-paused true maxQueuedBytes',
    ]);
  });

  it('should name holdOutput, and maxConnections while a connection waits for its turn', () => {
    const handler: AnyScgiHandler = ({ flow }) => (flow?.holdOutput(timer(9).pipe(map(() => false))), NEVER);
    const held: AnyScgiHandler = ({ flow }) => (
      flow?.holdOutput(of(true).pipe(mergeMap((x) => concat(of(x), NEVER)))),
      NEVER
    );
    expect(lines(handler, 'cq--R').filter((line) => line.includes('paused'))).toEqual([]);
    expect(lines(held, 'cq--R')).toContain('1 output-paused true holdOutput');
    const waiting = inspect({
      handler: () => NEVER,
      gateways: [{ does: 'cq' }, { does: `(cq${'b'.repeat(17)}) 5ms R`, request: post(20_000) }],
      options: { maxConnections: 1 },
    });
    expect(waiting.filter(({ connection }) => connection === 2).map(lineOf)).toContain(
      '0 input-paused true maxConnections',
    );
  });

  it('should tell that the system has taken a response that was longer than its buffer', () => {
    const taken = lines(() => of({ body: new Uint8Array(5000) }), '(cnq)---T---F');
    expect(taken.slice(-6)).toEqual([
      '0 output-paused true transport',
      '0 end fin',
      '0 handler unsubscribed',
      '8 output-paused false',
      '12 bytes-in-end',
      '12 close',
    ]);
  });

  it('should tell that a client has left, and what is unsubscribed by that', () => {
    const left = lines(
      ({ body }) => of({ body: body.pipe(mergeMap(() => NEVER)) }).pipe(delay(1)),
      'cq--R',
      post(9),
    );
    expect(left.slice(-4)).toEqual([
      '4 error connection ERR_SCGI_GATEWAY_GONE 101',
      '4 body-state unsubscribed',
      '4 end reset',
      '4 close',
    ]);
    expect(lines(() => NEVER, 'cq--R').slice(-4)).toEqual([
      '4 error connection ERR_SCGI_GATEWAY_GONE 101',
      '4 handler unsubscribed',
      '4 end reset',
      '4 close',
    ]);
  });

  it('should tell that nobody has taken the body', () => {
    expect(lines(() => of({ body: NEVER }), 'cqbbb--R', post(9000))).toContain('2 body-state dropped');
  });

  it.each<[string, AnyScgiHandler, string[]]>([
    [
      'the handler',
      () => throwError(() => new Error('x')),
      ['1 handler failed', '1 error handler Error', '1 response 500 error'],
    ],
    [
      'the response',
      () => of({ status: 99 }),
      ['1 handler emitted', '1 error response ERR_SCGI_STATUS_INVALID', '1 response 500 error'],
    ],
  ])('should tell an error of %s, and its answer', (_part, handler, expected) => {
    const told = lines(handler, 'cq---F');
    expect(told.filter((line) => expected.includes(line))).toEqual(expected);
  });

  it('should tell a faulty request with its code, its offset and what was received', () => {
    const [fault] = inspect({
      handler: () => NEVER,
      gateways: [{ does: 'cq---F', request: Buffer.from('19:SCGI\x001\0HTTP_COOKIE\0secret,') }],
    }).filter(({ type }) => type === 'error');
    expect(fault).toMatchObject({
      where: 'request',
      code: 'ERR_SCGI_NETSTRING_TERMINATOR',
      offset: 22,
      received: '19:SCGI\x001\0HTTP_COOKIE\0*******',
    });
  });
});
