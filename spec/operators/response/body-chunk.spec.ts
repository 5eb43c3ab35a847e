import { runInNewContext } from 'node:vm';
import { NEVER } from 'rxjs';
import { bytesOf, isChunk, isStream } from '../../../lib/operators/response/body-chunk.js';
import { errorFacts } from '../../helpers/marbles.js';

const CHUNKS: readonly [string, unknown][] = [
  ['text', 'abc'],
  ['no text', ''],
  ['bytes', Uint8Array.of(1)],
  ['a Buffer', Buffer.from('abc')],
  ['bytes of another realm', runInNewContext('Uint8Array.of(1, 2)')],
  ['clamped bytes', Uint8ClampedArray.of(1)],
];
const OTHERS: readonly [string, unknown][] = [
  ['wider numbers', Uint16Array.of(1)],
  ['a DataView', new DataView(new ArrayBuffer(1))],
  ['an ArrayBuffer', new ArrayBuffer(1)],
  ['an array', [1]],
  ['a number', 5],
  ['null', null],
  ['undefined', undefined],
  ['an object', { length: 1 }],
];

describe('isChunk', () => {
  it.each(CHUNKS)('should know %s', (_, value) => expect(isChunk(value)).toBe(true));

  it.each(OTHERS)('should not take %s for one', (_, value) => expect(isChunk(value)).toBe(false));
});

describe('isStream', () => {
  it.each<[string, unknown]>([
    ['an array', ['abc']],
    ['an Observable', NEVER],
    ['a Promise', Promise.resolve('abc')],
    ['a function, as some Observables are', () => undefined],
  ])('should know %s', (_, value) => expect(isStream(value as string[])).toBe(true));

  it.each([...CHUNKS, ['null', null], ['undefined', undefined], ['a number', 5]])(
    'should not take %s for one',
    (_, value) => expect(isStream(value as string[])).toBe(false),
  );
});

describe('bytesOf', () => {
  it('should encode text as UTF-8', () => {
    expect(bytesOf('é🍪\0')).toEqual(Uint8Array.of(0xc3, 0xa9, 0xf0, 0x9f, 0x8d, 0xaa, 0));
  });

  it.each([0, 1, 1023, 1024, 1025, 5000])(
    'should encode %d characters of ASCII, and as many more',
    (length) => {
      for (const text of ['a'.repeat(length), 'é'.repeat(length), `${'\x7f'.repeat(length)}\x80`]) {
        expect(Buffer.from(bytesOf(text)).equals(Buffer.from(text))).toBe(true);
      }
    },
  );

  it('should not copy bytes', () => {
    const bytes = Uint8Array.of(1, 2);
    expect(bytesOf(bytes)).toBe(bytes);
  });

  it.each(OTHERS)('should throw ERR_SCGI_BODY_TYPE for %s', (_, value) => {
    let fault: unknown;
    try {
      bytesOf(value as string);
    } catch (error) {
      fault = errorFacts(error);
    }
    expect(fault).toEqual({ code: 'ERR_SCGI_BODY_TYPE' });
  });
});
