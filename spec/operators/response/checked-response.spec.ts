import { NEVER } from 'rxjs';
import { checkedResponse } from '../../../lib/operators/response/checked-response.js';

const AN_OBJECT = 'a response is an object, which has that as its body';
const AS_IT_IS = 'give what it holds: return it as it is, say, and not of(it)';
const ITS_PARTS = 'a response is an object: { status, headers, body }, of which each may be left out';

describe('checkedResponse', () => {
  it.each([[{}], [{ status: 204 }], [{ body: 'hi' }], [Object.create(null)], [new Response('hi')]])(
    'should give back what may be a response: %p',
    (response: unknown) => {
      expect(checkedResponse(response)).toBe(response);
    },
  );

  it.each<[unknown, string, string]>([
    ['hi', 'string', AN_OBJECT],
    [Buffer.from('hi'), 'Buffer', AN_OBJECT],
    [undefined, 'undefined', ITS_PARTS],
    [null, 'null', ITS_PARTS],
    [5, 'number', ITS_PARTS],
    [(): unknown => ({}), 'function', ITS_PARTS],
    [new Error('db down'), 'Error', AS_IT_IS],
    [Object.assign(new Error('db down'), { status: 404 }), 'Error', AS_IT_IS],
    [new ArrayBuffer(1), 'ArrayBuffer', AS_IT_IS],
    [new Date(0), 'Date', AS_IT_IS],
    [[{}], 'Array', AS_IT_IS],
    [NEVER, 'Observable', AS_IT_IS],
    [Promise.resolve({}), 'Promise', AS_IT_IS],
    [Object.assign(Object.create(null), { then: 1 }), 'object', AS_IT_IS],
  ])('should refuse %p, and say what to do', (value, kind, advice) => {
    let error: unknown;
    try {
      checkedResponse(value);
    } catch (thrown) {
      error = thrown;
    }
    const message = `the handler gave ${kind}, which is no response; ${advice}`;
    expect(error).toMatchObject({ code: 'ERR_SCGI_NO_RESPONSE', message });
  });
});
