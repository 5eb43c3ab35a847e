import fc from 'fast-check';
import {
  causesOf,
  errorFacts,
  errorLines,
  titleOf,
  type ErrorFacts,
} from '../../../lib/core/errors/error-facts.js';
import { ScgiProtocolError } from '../../../lib/core/errors/errors.js';
import { FUZZ_RUNS } from '../../helpers/fuzz-runs.js';
import { LINEAR, growthOf } from '../../helpers/growth.js';
import {
  FORGED,
  HUGE_VALUES,
  ODD_VALUES,
  circularError,
  errorThrowingAt,
  errorWith,
  revokedProxy,
  thrownValue,
} from '../../helpers/faults/thrown-values.js';

/** What is out of bounds in what is said about a value. */
function faultsOf(error: unknown): unknown[] {
  const chain = [];
  for (let facts: ErrorFacts | undefined = errorFacts(error); facts; facts = facts.cause) chain.push(facts);
  return [
    ...chain.filter(
      ({ code, message, frames }) => code.length > 200 || message.length > 4200 || frames.length > 60,
    ),
    ...chain.flatMap(({ frames }) => frames.filter((frame) => frame.length > 500)),
    ...errorLines(error).filter((line) => !/^[^\p{C}\p{Zl}\p{Zp}]*$/u.test(line)),
    ...(chain.length > 9 ? [chain] : []),
  ];
}

describe('errorFacts', () => {
  it.each(Object.entries({ ...ODD_VALUES, ...HUGE_VALUES }))('should take %s', (_what, make) => {
    expect(faultsOf(make())).toEqual([]);
  });

  it.each<[string, (items: unknown[]) => unknown]>([
    ['an array', (items) => items],
    ['an object with an array', (items) => ({ rows: items })],
    ['a message that is an array', (items) => errorWith({ message: items })],
    ['arrays in arrays', (items) => items.map(() => items)],
    ['an object with many keys', (items) => ({ ...items })],
  ])('should look at a bounded part of %s', (_what, make) => {
    let looks = 0;
    const item = {
      toString: () => `${looks++}`,
      toJSON: () => ({
        get look() {
          return looks++;
        },
      }),
    };
    expect(faultsOf(make(new Array<unknown>(5000).fill(item)))).toEqual([]);
    expect(looks).toBeLessThan(5000);
  });

  it('should name bytes, not list them', () => {
    expect(errorFacts(new Uint8Array(1e6)).message).toBe('[object Uint8Array]');
  });

  it('should take any value', () => {
    fc.assert(
      fc.property(thrownValue, (make) => expect(faultsOf(make())).toEqual([])),
      { numRuns: Math.ceil(FUZZ_RUNS / 5) },
    );
  });

  it.each([
    ['a string', 'text', { code: 'thrown', message: 'text' }],
    ['nothing', undefined, { code: 'thrown', message: 'undefined' }],
    ['an object', { reason: 7 }, { code: 'thrown', message: '{"reason":7}' }],
    ['an object like an error', { name: 'HttpError', message: 'no' }, { code: 'HttpError', message: 'no' }],
    ['an error', new TypeError('no'), { code: 'TypeError', message: 'no' }],
    [
      'an error with a code',
      Object.assign(new Error('no'), { code: 'E_NO' }),
      { code: 'E_NO', message: 'no' },
    ],
    ['an error with a number for a code', errorWith({ code: 7 }), { code: 'Error', message: 'x' }],
    ['a name that throws', errorThrowingAt('name'), { code: 'thrown', message: 'x' }],
    ['a message that is no string', errorWith({ message: 10n }), { code: 'Error', message: '10' }],
    ['a revoked Proxy', revokedProxy(), { code: 'thrown', message: '[object]' }],
  ])('should give the code and the message of %s', (_what, error, facts) => {
    expect(errorFacts(error)).toMatchObject(facts);
  });

  it('should follow causes and the first of several errors, but not in circles', () => {
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    const several = new AggregateError([refused, new Error('other')], '');
    expect(errorFacts(new Error('outer', { cause: several }))).toMatchObject({
      message: 'outer',
      cause: { code: 'AggregateError', message: '', cause: { code: 'ECONNREFUSED', cause: undefined } },
    });
    expect(errorFacts(circularError())).toMatchObject({ message: 'outer', cause: { message: 'inner' } });
    expect(errorFacts(circularError()).cause?.cause).toBeUndefined();
  });

  it('should end after 8 causes', () => {
    let error = new Error('0');
    for (let depth = 1; depth < 20; depth++) error = new Error(`${depth}`, { cause: error });
    expect(causesOf(errorFacts(error))).toHaveLength(8);
  });

  it('should return no frames for an error of this library', () => {
    expect(errorFacts(new ScgiProtocolError('ERR_SCGI_PREMATURE_EOF', 'ended', 3)).frames).toEqual([]);
  });

  it.each([
    ['a message of blanks', (size: number) => new Error(' '.repeat(size))],
    ['a message of frames', (size: number) => new Error(FORGED.repeat(size / 50))],
    ['a stack of line ends', (size: number) => errorWith({ stack: '\n'.repeat(size) })],
    ['a stack of blanks', (size: number) => errorWith({ stack: ' '.repeat(size) })],
    [
      'a stack that repeats its message',
      (size: number) => errorWith({ message: ': '.repeat(size / 4), stack: ': '.repeat(size / 2) }),
    ],
  ])('should be linear in %s', (_what, prepare) => {
    expect(growthOf(40_000, prepare, errorLines)).toBeLessThan(LINEAR);
  });
});

describe('titleOf', () => {
  it.each([
    ['TypeError', 'no', 'TypeError: no'],
    ['ENOENT', 'ENOENT: no such file', 'ENOENT: no such file'],
    ['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1', 'connect ECONNREFUSED 127.0.0.1:1'],
    ['Error', 'Error: no', 'Error: no'],
    ['Error', 'no Error', 'Error: no Error'],
    ['AggregateError', '', 'AggregateError'],
  ])('should not repeat the code %s in %j', (code, message, title) => {
    expect(titleOf({ code, message, frames: [], cause: undefined })).toBe(title);
  });
});

describe('errorLines', () => {
  it('should report an error, its frames and its causes', () => {
    const inner = Object.assign(new Error('refused\u001b[2J'), {
      stack: 'Error: refused\u001b[2J\n    at b (b:2:1)',
    });
    const outer = Object.assign(new TypeError('no\nrow', { cause: inner }), {
      stack: 'TypeError: no\nrow\n    at a (a:1:1)\n    at main (a:9:9)',
    });
    expect(errorLines(outer)).toEqual([
      'TypeError: no row',
      '    at a (a:1:1)',
      '    at main (a:9:9)',
      '  caused by Error: refused\\x1b[2J',
      '    at b (b:2:1)',
    ]);
  });

  it('should omit a cause that the message quotes', () => {
    expect(errorLines(errorWith({ message: 'failed: no', stack: '', cause: new Error('no') }))).toEqual([
      'Error: failed: no',
    ]);
  });
});
