import { Readable } from 'node:stream';
import { runInNewContext } from 'node:vm';
import { NEVER } from 'rxjs';
import { INTEROP, bytesOf, checkedStream, isChunk } from '../../../lib/operators/response/body-chunk.js';
import { errorFacts } from '../../helpers/virtual-time/marbles.js';

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
  it.each(CHUNKS)('should accept %s', (_, value) => expect(isChunk(value)).toBe(true));

  it.each(OTHERS)('should not accept %s as one', (_, value) => expect(isChunk(value)).toBe(false));
});

describe('checkedStream', () => {
  it.each<[string, unknown]>([
    ['an array', ['abc']],
    ['an Observable', NEVER],
    ['a Promise', Promise.resolve('abc')],
    ['a ReadableStream', new ReadableStream()],
    ['a Readable', Readable.from([])],
    ['something like an array', { length: 1, 0: 'abc' }],
    ['a function that is an Observable', Object.assign(() => undefined, { [INTEROP]: () => NEVER })],
  ])('should take %s', (_, value) => expect(checkedStream(value)).toBe(value));

  it.each<[string, unknown, string]>([
    ['a Blob', new Blob(['abc']), 'blob.stream()'],
    ['a File', new File(['abc'], 'a'), 'file.stream()'],
    ['an ArrayBuffer', new ArrayBuffer(1), 'new Uint8Array(buffer)'],
    ['an ArrayBuffer of another realm', runInNewContext('new ArrayBuffer(1)'), 'new Uint8Array(buffer)'],
    ['a SharedArrayBuffer', new SharedArrayBuffer(1), 'new Uint8Array(buffer)'],
    ['a DataView', new DataView(new ArrayBuffer(1)), 'new Uint8Array(view.buffer'],
    ['wider numbers', Uint16Array.of(1), 'new Uint8Array(view.buffer'],
    ['a FormData', new FormData(), 'new Response(formData)'],
    ['URLSearchParams', new URLSearchParams('a=1'), 'params.toString()'],
    ['a Response', new Response('abc'), 'its body'],
    ['a plain object', { a: 1 }, 'JSON.stringify(value)'],
    ['a function', () => 'abc', 'call it'],
    ['an object whose then is null', { then: null }, 'JSON.stringify(value)'],
    ['a stream without a reader', { getReader: 1 }, 'JSON.stringify(value)'],
    ['an async iterable that is none', { [Symbol.asyncIterator]: null }, 'JSON.stringify(value)'],
    ['an object with a length of no number', { length: '1' }, 'JSON.stringify(value)'],
    ['an object that RxJS cannot subscribe to', { subscribe: () => undefined }, 'new Observable('],
    ['a function whose then is null', Object.assign(() => 'abc', { then: null }), 'call it'],
    ['a Map', new Map([['a', 'b']]), 'a string, a Uint8Array'],
    ['a Date', new Date(0), 'a string, a Uint8Array'],
    ['a number', 5, 'a string, a Uint8Array'],
    ['true', true, 'a string, a Uint8Array'],
    ['a Symbol', Symbol('a'), 'a string, a Uint8Array'],
  ])('should refuse %s with ERR_SCGI_BODY_TYPE, and say what to give', (_, value, advice) => {
    let error: unknown;
    try {
      checkedStream(value);
    } catch (thrown) {
      error = thrown;
    }
    expect(errorFacts(error)).toEqual({ code: 'ERR_SCGI_BODY_TYPE' });
    expect((error as Error).message).toContain(advice);
  });
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
