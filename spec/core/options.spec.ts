import { verifyLimit, verifyReaderOptions, verifySwitch, verifyTimeout } from '../../lib/core/options.js';

const DEFAULTS = {
  maxHeaderBytes: 65_536,
  maxHeaders: 1000,
  maxBodyBytes: Infinity,
  strict: false,
  lenientDuplicates: false,
  lenientContentLength: false,
};

describe('verifyReaderOptions', () => {
  it.each([[undefined], [{}], [{ maxHeaders: undefined, strict: undefined }]])(
    'should return the defaults for %j',
    (options) => {
      expect(verifyReaderOptions(options)).toEqual(DEFAULTS);
    },
  );

  it.each([
    [{ maxHeaderBytes: 1 }],
    [{ maxHeaderBytes: 268_435_456 }],
    [{ maxHeaders: 1 }],
    [{ maxBodyBytes: 0 }],
    [{ maxBodyBytes: Number.MAX_SAFE_INTEGER }],
    [{ strict: true }],
    [{ lenientDuplicates: true }],
    [{ lenientContentLength: true, strict: false }],
  ])('should keep %j and default the rest', (options) => {
    expect(verifyReaderOptions(options)).toEqual({ ...DEFAULTS, ...options });
  });

  it.each(['maxHeaderBytes', 'maxHeaders', 'maxBodyBytes'])('should refuse a %s that is no limit', (name) => {
    for (const value of [-1, 1.5, NaN, -Infinity, 2 ** 53, '10', null, true]) {
      expect(() => verifyReaderOptions({ [name]: value })).toThrow(RangeError);
    }
  });

  it.each([268_435_457, Infinity])(
    'should refuse a maxHeaderBytes of %d, more than one string holds',
    (value) => {
      expect(() => verifyReaderOptions({ maxHeaderBytes: value })).toThrow(RangeError);
    },
  );

  it.each(['maxHeaderBytes', 'maxHeaders'])(
    'should refuse a %s of 0, by which nothing could be read',
    (name) => {
      expect(() => verifyReaderOptions({ [name]: 0 })).toThrow(RangeError);
    },
  );

  it.each(['strict', 'lenientDuplicates', 'lenientContentLength'])(
    'should refuse a %s that is no boolean',
    (name) => {
      for (const value of ['false', 'true', 0, 1, null]) {
        expect(() => verifyReaderOptions({ [name]: value })).toThrow(TypeError);
      }
    },
  );

  it('should name the option that is wrong', () => {
    expect(() => verifyReaderOptions({ maxHeaders: 0 })).toThrow('maxHeaders');
    expect(() => verifyReaderOptions({ strict: 'no' as unknown as boolean })).toThrow('strict');
  });
});

describe('verifyLimit', () => {
  it('should accept the least value, and nothing below', () => {
    expect(verifyLimit('anyMs', 5, 9, 5)).toBe(5);
    expect(() => verifyLimit('anyMs', 4, 9, 5)).toThrow(RangeError);
  });

  it('should require at least 1 by default', () => {
    expect(verifyLimit('anyMs', 1, 9)).toBe(1);
    expect(() => verifyLimit('anyMs', 0, 9)).toThrow(RangeError);
  });
});

describe('verifyTimeout', () => {
  it('should accept what a timer can count up to, and Infinity', () => {
    expect([2 ** 31 - 1, Infinity, 1].map((ms) => verifyTimeout('anyMs', ms, 9))).toEqual([
      2 ** 31 - 1,
      Infinity,
      1,
    ]);
    expect(verifyTimeout('anyMs', undefined, 9)).toBe(9);
  });

  it.each([2 ** 31, 0, -1, 0.5, NaN])('should refuse %p', (ms) => {
    expect(() => verifyTimeout('anyMs', ms, 9)).toThrow(RangeError);
  });
});

describe('verifySwitch', () => {
  it.each([
    [undefined, true, true],
    [undefined, undefined, false],
    [false, true, false],
    [true, false, true],
  ])('should turn %p with the default %p into %p', (value, fallback, expected) => {
    expect(verifySwitch('any', value, fallback)).toBe(expected);
  });
});
