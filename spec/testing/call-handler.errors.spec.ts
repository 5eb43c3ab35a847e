import { EMPTY, catchError, concat, map, of, throwError } from 'rxjs';
import { type ScgiHandler, type ScgiRequest } from '../../lib/index.js';
import { callHandler } from '../../lib/testing/index.js';
import { notificationsOf, shown } from '../helpers/virtual-time/responses/calls.js';

describe('the errors of callHandler', () => {
  const boom = new Error('boom');

  it.each<[string, ScgiHandler]>([
    [
      'throws',
      () => {
        throw boom;
      },
    ],
    ['fails', () => throwError(() => boom)],
    [
      'fails inside its response',
      () =>
        of({
          body: concat(
            of('a'),
            throwError(() => boom),
          ),
        }),
    ],
  ])('should be the own one of a handler that %s', (_, handler) => {
    expect(notificationsOf(callHandler(handler))).toEqual([boom]);
  });

  it.each<[string, ScgiHandler]>([
    ['ERR_SCGI_NO_RESPONSE', () => EMPTY],
    ['ERR_SCGI_HEADER_HOP_BY_HOP', () => of({ headers: { Connection: 'close' } })],
    ['ERR_SCGI_STATUS_INVALID', () => of({ status: 100 })],
    ['ERR_SCGI_BODY_LENGTH', () => of({ headers: { 'Content-Length': '9' }, body: 'short' })],
    ['ERR_SCGI_BODY_USED', ({ body }) => concat(body, body).pipe(map(() => ({})))],
  ])('should be %s where a handler breaks that rule', (code, handler) => {
    expect(notificationsOf(callHandler(handler))).toEqual([expect.objectContaining({ code })]);
  });

  it.each([
    { code: 'ERR_SCGI_VERSION_MISSING', request: { variables: { SCGI: undefined } }, options: {} },
    { code: 'ERR_SCGI_PREMATURE_EOF', request: { variables: { CONTENT_LENGTH: '1' } }, options: {} },
    { code: 'ERR_SCGI_BODY_TOO_LARGE', request: { body: 'abc' }, options: { maxBodyBytes: 2 } },
  ])('should be $code of a request that is so', ({ code, request, options }) => {
    const handler: ScgiHandler = ({ body }) => body.pipe(map((chunk) => ({ body: chunk })));
    expect(notificationsOf(callHandler(handler, request, options))).toEqual([
      expect.objectContaining({ code }),
    ]);
  });

  it('should go to onError as well', () => {
    const seen: unknown[] = [];
    const onError = (error: unknown, request: ScgiRequest | undefined): void => {
      seen.push([error, request?.path]);
    };
    notificationsOf(callHandler(() => throwError(() => boom), { uri: '/a' }, { onError }));
    expect(seen).toEqual([[boom, '/a']]);
  });

  it('should give way to the answer of a handler that recovers from a broken body', () => {
    const handler: ScgiHandler = (request) =>
      request.text().pipe(
        map(() => ({ status: 200 })),
        catchError(() => of({ status: 422, body: 'cut off' })),
      );
    const call = callHandler(handler, { body: 'abc', variables: { CONTENT_LENGTH: '4' } });
    expect(notificationsOf(call.pipe(shown))).toEqual(['422 cut off', 'complete']);
  });
});
