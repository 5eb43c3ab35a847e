/** Readers count the body a mebibyte ahead: where that ends must not show. */
import { isScgiError } from '../../lib/core/errors/errors.js';
import { NEED_DATA, RequestReader, ResponseReader } from '../../lib/core/index.js';
import { cut } from '../helpers/wire/cuts.js';
import { wire } from '../helpers/wire/wire.js';

const MEBIBYTE = 1_048_576;
const BODY = 3 * MEBIBYTE + 1;
const READERS = {
  'a RequestReader': () => new RequestReader(),
  'a ResponseReader': () => new ResponseReader(),
};
const SIZES = [1000, 4096, MEBIBYTE - 1, MEBIBYTE, MEBIBYTE + 1, BODY];

type Case = [reader: keyof typeof READERS, how: string, head: Uint8Array, endsWithInput: boolean];

const CASES: readonly Case[] = [
  ['a RequestReader', 'a length', wire(`30:CONTENT_LENGTH␀${BODY}␀SCGI␀1␀,`), false],
  ['a ResponseReader', 'a length', wire(`Content-Length: ${BODY}\n\n`), false],
  ['a ResponseReader', 'no length', wire('A: b\n\n'), true],
];

describe.each(CASES)(
  '%s of a body of three mebibytes, of which the head gives %s',
  (name, _how, head, endsWithInput) => {
    const message = new Uint8Array(head.length + BODY);
    message.set(head);
    const cutShort = message.subarray(0, -1);
    const every = [1, 2, 1000];

    it.each(SIZES)('should return all of it in chunks of %p bytes, whenever it is asked', (size) => {
      for (const chunks of every) {
        expect(read(name, message, size, chunks)).toEqual({ bytes: BODY, end: 1, offset: undefined });
        const short = { bytes: BODY - 1, end: endsWithInput ? 1 : 0 };
        const offset = endsWithInput ? undefined : cutShort.length;
        expect(read(name, cutShort, size, chunks)).toEqual({ ...short, offset });
      }
    });
  },
);

/** Asks for events after every so many chunks, and at the end. @returns what came of the body, and where a fault is. */
function read(
  name: keyof typeof READERS,
  input: Uint8Array,
  size: number,
  chunksBetween: number,
): { bytes: number; end: number; offset: number | undefined } {
  const reader = READERS[name]();
  const found = { bytes: 0, end: 0, offset: undefined as number | undefined };
  const takeEvents = (): void => {
    for (let event; (event = reader.nextEvent()) !== NEED_DATA;) {
      if ('data' in event) found.bytes += event.data.length;
      else if (event.type.endsWith('-end')) found.end++;
    }
  };
  const sizes = Array.from({ length: Math.floor(input.length / size) }, () => size);
  try {
    for (const [index, chunk] of cut(input, sizes).entries()) {
      reader.receiveData(chunk);
      if (index % chunksBetween === 0) takeEvents();
    }
    reader.receiveData(null);
    takeEvents();
  } catch (error) {
    if (!isScgiError(error) || !('offset' in error)) throw error;
    found.offset = error.offset;
  }
  return found;
}
