import { cut, requestBytes, responseOf } from '../../lib/testing/index.js';
import { FALSE_LENGTHS, withFalseLength } from '../helpers/wire/false-length.js';

describe.each(FALSE_LENGTHS)('bytes whose length is %s', (_name, lengthOf) => {
  const bytes = withFalseLength('Status: 200 OK\n\nhello', lengthOf);

  it.each<[string, () => unknown]>([
    ['cut', () => cut(bytes, 1)],
    ['requestBytes', () => requestBytes({ body: bytes })],
    ['responseOf, in one array', () => responseOf(bytes)],
    ['responseOf, in several', () => responseOf([Buffer.from('Status: 200 OK\n'), bytes])],
  ])('should be refused by %s', (_function, run) => {
    expect(run).toThrow(TypeError);
    expect(run).not.toThrow('Invalid typed array length');
  });
});
