import { merge, of, throwError } from 'rxjs';
import { HttpError, ScgiLimitError, ScgiProtocolError, ScgiUsageError } from '../../lib/index.js';
import { scgiScheduler } from '../../lib/testing/index.js';
import { isExpected } from '../../lib/testing/equality.js';

const EOF = new ScgiProtocolError('ERR_SCGI_PREMATURE_EOF', 'the input ended', 17);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The message of what `run` throws. */
function failureOf(test: Parameters<ReturnType<typeof scgiScheduler>['run']>[0]): string {
  try {
    scgiScheduler().run(test);
  } catch (error) {
    return (error as Error).message;
  }
  return 'none';
}

describe('scgiScheduler: a failure', () => {
  it('should be two lines of marbles and a legend', () => {
    const message = failureOf(({ cold, expectObservable }) => {
      const values = {
        a: bytes('text'),
        b: { status: 200, list: [1, null] },
        c: new Headers({ 'X-A': 'b' }),
      };
      expectObservable(cold('--a--(bc)-#', values, EOF)).toBe('--a-b---|', { a: 'text', b: { status: 404 } });
    });
    expect(message.split('\n')).toEqual([
      'the notifications are not the expected ones',
      '  expected: --a-b---|',
      '  actual:   --a--(cd)-#',
      '  a: "text"',
      '  b: { status: 404 }',
      '  c: { status: 200, list: [1, null] }',
      '  d: Headers { x-a: "b" }',
      '  # actual: ScgiProtocolError { code: "ERR_SCGI_PREMATURE_EOF", offset: 17 }',
    ]);
  });

  it('should write long pauses as times, and say what a diagram cannot', () => {
    const message = failureOf(({ cold, expectObservable }) => {
      expectObservable(cold('1s a 100ms (bc|)')).toBe('1s a');
    });
    expect(message).toContain('  expected: 1000ms a\n  actual:   1000ms a 100ms (bc|)\n');
    const dense = failureOf(({ cold, expectObservable }) => {
      expectObservable(merge(cold('(ab)'), cold('-c'))).toBe('a');
    });
    expect(dense).toContain('  actual:   (ab) at 1ms: c\n');
  });

  it('should show subscriptions', () => {
    const message = failureOf(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--a--|');
      expectObservable(source);
      expectSubscriptions(source.subscriptions).toBe(['^---!', '--^']);
    });
    expect(message.split('\n')).toEqual([
      'the subscriptions are not the expected ones',
      '  expected: ^---!',
      '  actual:   ^----!',
      '  expected: --^',
      '  actual:   none',
    ]);
  });

  it('should show both errors', () => {
    const message = failureOf(({ expectObservable }) => {
      expectObservable(throwError(() => EOF)).toBe('#', {}, new Error('boom'));
    });
    expect(message).toContain(
      '  # expected: Error { name: "Error", message: "boom" }\n  # actual: ScgiProtocolError {',
    );
  });

  it('should be short, whatever the values are', () => {
    const deep: unknown[] = [];
    deep.push(deep, 'x'.repeat(1000));
    const message = failureOf(({ expectObservable }) => {
      expectObservable(of(deep, () => 1, 1n, Symbol('s'), undefined, new Date(0))).toBe('|');
    });
    expect(message.length).toBeLessThan(1500);
    expect(message).toContain('Date 0');
  });
});

describe('what scgiScheduler takes for equal', () => {
  const circle = (): unknown[] => {
    const list: unknown[] = [1];
    list.push(list);
    return list;
  };

  it.each<[string, unknown, unknown]>([
    ['bytes and bytes', bytes('é'), Buffer.from('é')],
    ['bytes and text', bytes('é'), 'é'],
    ['bytes in objects and lists', { a: [bytes('x')] }, { a: ['x'] }],
    ['an error and its facts', EOF, { code: 'ERR_SCGI_PREMATURE_EOF', offset: 17 }],
    ['an error and one of its facts', EOF, { code: 'ERR_SCGI_PREMATURE_EOF' }],
    ['errors with the same facts', EOF, new ScgiProtocolError('ERR_SCGI_PREMATURE_EOF', 'other prose', 17)],
    ['an HttpError and its status', new HttpError(404), { status: 404 }],
    ['errors with the same message', new TypeError('x'), new TypeError('x')],
    ['Headers and an object', new Headers({ A: '1' }), { a: '1' }],
    ['Headers', new Headers({ A: '1' }), new Headers([['a', '1']])],
    ['keys that are undefined', { a: undefined }, {}],
    ['NaN', NaN, NaN],
    ['a matcher', { a: 'abc' }, { a: expect.stringContaining('b') as unknown }],
    ['dates', new Date(7), new Date(7)],
    ['maps', new Map([['a', bytes('x')]]), new Map([['a', 'x']])],
    ['circles', circle(), circle()],
    ['an own __proto__', JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1}')],
  ])('should be %s', (_, actual, expected) => {
    expect(isExpected(actual, expected)).toBe(true);
  });

  it.each<[string, unknown, unknown]>([
    ['bytes of another length', bytes('xy'), 'x'],
    ['other bytes', bytes('x'), bytes('y')],
    ['text and bytes that are expected', 'x', bytes('x')],
    [
      'another code',
      new ScgiUsageError('ERR_SCGI_BODY_USED', ''),
      new ScgiUsageError('ERR_SCGI_NO_FLOW', ''),
    ],
    ['another offset', EOF, { code: 'ERR_SCGI_PREMATURE_EOF', offset: 18 }],
    ['another limit', new ScgiLimitError('ERR_SCGI_BODY_OVERFLOW', '', 1, 2), { limit: 2 }],
    ['an error and nothing in particular', EOF, {}],
    ['an error and its code alone', EOF, 'ERR_SCGI_PREMATURE_EOF'],
    ['nothing in particular and an error', {}, new Error('x')],
    ['an error of another name', new Error('x'), new TypeError('x')],
    ['Headers of more fields', new Headers({ a: '1', b: '2' }), { a: '1' }],
    ['an object and a date', {}, new Date(0)],
    ['a list and an object', [1], { 0: 1 }],
    ['a list and a set', [1], new Set([1])],
    ['an object and a set', {}, new Set()],
    ['a matcher', { a: 'abc' }, { a: expect.stringContaining('d') as unknown }],
    ['functions', () => 1, () => 1],
    ['null and undefined', null, undefined],
    ['0 and -0', 0, -0],
    ['a key more', { a: 1, b: 2 }, { a: 1 }],
    ['a key less', { a: 1 }, { a: 1, b: 2 }],
    ['an own __proto__', JSON.parse('{"__proto__":1}'), {}],
    ['a circle of another length', circle(), [1, [1, 2]]],
  ])('should not be %s', (_, actual, expected) => {
    expect(isExpected(actual, expected)).toBe(false);
  });
});
