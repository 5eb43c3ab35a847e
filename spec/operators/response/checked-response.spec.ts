import { runInNewContext } from 'node:vm';
import { NEVER } from 'rxjs';
import { requestOf } from '../../helpers/wire/requests.js';
import { INTEROP } from '../../../lib/operators/response/body-chunk.js';
import { checkedResponse, isFetchResponse } from '../../../lib/operators/response/checked-response.js';

class OwnResponse {
  readonly status = 204;
  readonly note = 'for our own log';
}

describe('checkedResponse', () => {
  it.each([
    [{}],
    [{ status: 204 }],
    [{ body: 'hi' }],
    [Object.create(null)],
    [new Response('hi')],
    [new OwnResponse()],
    [{ body: 'hi', [Symbol('trace')]: 1 }],
    [runInNewContext('({ status: 204 })')],
  ])('should give back what may be a response: %p', (response: unknown) => {
    expect(checkedResponse(response)).toBe(response);
  });

  it.each<[unknown, string, string]>([
    ['hi', 'string', '{ body }'],
    [Buffer.from('hi'), 'Buffer', '{ body }'],
    [undefined, 'undefined', '{ status, headers, body }'],
    [null, 'null', '{ status, headers, body }'],
    [5, 'number', '{ status, headers, body }'],
    [(): unknown => ({}), 'function', '{ status, headers, body }'],
    [new Error('db down'), 'Error', '{ status, headers, body }'],
    [Object.assign(new Error('db down'), { status: 404 }), 'Error', '{ status, headers, body }'],
    [new ArrayBuffer(1), 'ArrayBuffer', '{ status, headers, body }'],
    [new Date(0), 'Date', '{ status, headers, body }'],
    [requestOf({ CONTENT_LENGTH: '0', SCGI: '1' }), 'IncomingRequest', '{ body: request.body }'],
    [new Request('http://localhost/'), 'Request', '{ body: request.body }'],
    [[{}], 'Array', 'without of()'],
    [NEVER, 'Observable', 'without of()'],
    [Promise.resolve({}), 'Promise', 'without of()'],
    [{ then: (): void => undefined }, 'Object', 'without of()'],
    [Object.assign(Object.create(null), { then: 1 }), 'object', '{ status, headers, body }'],
    [{ then: null, body: 'hi' }, 'Object', '{ status, headers, body }'],
    [{ [Symbol.asyncIterator]: null }, 'Object', '{ status, headers, body }'],
    [{ [INTEROP]: null }, 'Object', '{ status, headers, body }'],
    [{ subscribe: (): void => undefined }, 'Object', 'new Observable('],
    [Object.create({ constructor: { name: Symbol('a') } }), 'object', '{ status, headers, body }'],
  ])('should refuse %p, and say what to do', (value, kind, advice) => {
    const error = thrownBy(value);
    expect(error).toMatchObject({ code: 'ERR_SCGI_NO_RESPONSE' });
    expect(error.message).toContain(`gave ${kind},`);
    expect(error.message).toContain(advice);
  });

  it.each<[object, string]>([
    [{ statusCode: 404 }, "did you mean 'status'"],
    [{ body: 'hi', header: {} }, "did you mean 'headers'"],
    [{ Body: 'hi' }, "did you mean 'body'"],
    [{ header: undefined }, "did you mean 'headers'"],
    [Object.assign(Object.create(null), { staus: 404 }), "did you mean 'status'"],
    [{ contentType: 'text/html' }, 'status, headers and body'],
    [JSON.parse('{"__proto__":{}}') as object, 'status, headers and body'],
  ])('should refuse the unknown key of %j', (value, advice) => {
    const error = thrownBy(value);
    expect(error).toMatchObject({ code: 'ERR_SCGI_NO_RESPONSE' });
    expect(error.message).toContain(advice);
  });
});

describe('isFetchResponse', () => {
  it('should recognize a Response, and one of another package', () => {
    class Response2 {
      readonly [Symbol.toStringTag] = 'Response';
    }
    expect([new Response(), new Response2()].map(isFetchResponse)).toEqual([true, true]);
  });

  it('should not mistake an object of an application for one', () => {
    const tagged = { status: 200, [Symbol.toStringTag]: 'Response' };
    expect([{}, tagged, new OwnResponse(), Object.create(null) as object].map(isFetchResponse)).toEqual(
      Array(4).fill(false),
    );
  });
});

function thrownBy(value: unknown): Error {
  try {
    checkedResponse(value);
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
