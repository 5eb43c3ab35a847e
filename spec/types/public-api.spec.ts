/**
 * What applications may write, and what they may not, as the compiler sees it: Jest fails this file when a line
 * does not compile, or when one compiles behind `@ts-expect-error`.
 */
import { Readable } from 'node:stream';
import { EMPTY, map, mergeMap, of, timeout, type Observable } from 'rxjs';
import {
  ScgiUsageError,
  decodeScgi,
  encodeScgi,
  handleScgi,
  isScgiError,
  type AnyScgiHandler,
  type ScgiErrorCode,
  type ScgiHandler,
  type ScgiRequest,
  type ScgiResponse,
} from '../../lib/index.js';

describe('the public types', () => {
  it('should accept what ObservableInput accepts as the answer of a handler', () => {
    const handlers: ScgiHandler[] = [
      () => of({ status: 200 }),
      () => [{ status: '404 Not Found' }],
      () => Promise.resolve({}),
      async ({ path }) => Promise.resolve({ body: path }),
      function* () {
        yield { body: 'text' };
      },
      ({ body }) => body.pipe(map((chunk) => ({ body: chunk }))),
      () => EMPTY,
      // @ts-expect-error: a response, not a source of one
      () => ({ status: 200 }),
      // @ts-expect-error: a source of something else
      () => of('text'),
      // @ts-expect-error: the key is `status`
      () => of({ body: 'text', statusCode: 404 }),
    ];
    expect(handlers).toBeDefined();
  });

  it('should accept a response, or a Response of fetch, as what handleScgi is given', () => {
    const handlers: AnyScgiHandler[] = [
      () => ({ status: 200 }),
      () => new Response('text'),
      async () => Promise.resolve(new Response('text')),
      () => of(new Response('text')),
      ({ signal }) => fetch('http://127.0.0.1/', { signal }),
      () => of({ status: 200 }),
      // @ts-expect-error: nothing is no response
      () => undefined,
      // @ts-expect-error: nor is text
      () => 'text',
      // @ts-expect-error: the key is `status`
      () => ({ body: 'text', statusCode: 404 }),
    ];
    expect(handlers).toBeDefined();
  });

  it('should accept every source of text and bytes as a body, and nothing else', () => {
    const responses: ScgiResponse[] = [
      { body: 'text' },
      { body: new Uint8Array(1) },
      { body: Buffer.from('bytes') },
      { body: of('text', new Uint8Array(1)) },
      { body: ['text'] },
      { body: new ReadableStream<Uint8Array>() },
      { body: Readable.from(['text']) as AsyncIterable<string> },
      { body: undefined },
      { body: null },
      new Response('text'),
      new Response(null, { status: 204 }),
      Response.redirect('http://example.org/'),
      // @ts-expect-error: the key is `status`
      { body: 'text', statusCode: 404 },
      // @ts-expect-error: the key is `headers`
      { body: 'text', header: {} },
      // @ts-expect-error: a number is no chunk
      { body: 1 },
      // @ts-expect-error: nor are its items
      { body: of(1) },
    ];
    expect(responses).toBeDefined();
  });

  it('should accept every shape of header fields', () => {
    const responses: ScgiResponse[] = [
      { headers: { 'Content-Type': 'text/plain', 'Set-Cookie': ['a=1', 'b=2'] } },
      { headers: [['Set-Cookie', 'a=1'] as const] },
      { headers: new Map([['X-Kind', 'y']]) },
      { headers: new Headers() },
      // @ts-expect-error: a number is no value
      { headers: { 'Content-Length': 1 } },
    ];
    expect(responses).toBeDefined();
  });

  it('should infer the types of a pipeline', () => {
    const chunks: Observable<Uint8Array> = EMPTY;
    const requests: Observable<ScgiRequest> = chunks.pipe(decodeScgi(), timeout({ first: 10_000 }));
    const byHand: Observable<Uint8Array> = requests.pipe(
      mergeMap(({ path }) => of({ body: path })),
      encodeScgi(),
    );
    const greet: ScgiHandler = (request) =>
      request.json<{ name: string }>().pipe(map(({ name }) => ({ body: name.trim() })));
    const whole: Observable<Uint8Array> = chunks.pipe(handleScgi(greet));
    // @ts-expect-error: text is not what a socket gives
    of('text').pipe(decodeScgi());
    // @ts-expect-error: nor what it takes
    const text: Observable<string> = chunks.pipe(handleScgi(greet));
    expect([byHand, whole, text]).toHaveLength(3);
  });

  it('should narrow an error by its code', () => {
    const error: unknown = new ScgiUsageError('ERR_SCGI_BODY_USED', 'once');
    expect(isScgiError(error)).toBe(true);
    // @ts-expect-error: it could be anything
    expect(error.code).toBe('ERR_SCGI_BODY_USED');
    if (!isScgiError(error)) return;
    const code: ScgiErrorCode = error.code;
    expect(code).toBe('ERR_SCGI_BODY_USED');
    // @ts-expect-error: there is no such code
    expect(error.code === 'ERR_SCGI_NONE').toBe(false);
  });
});
