/** Chunks whose `length` is not true: each is refused as something else than bytes is, and nothing waits for bytes that are not there. */
import { createContext, runInContext } from 'node:vm';
import {
  NEED_DATA,
  RequestReader,
  RequestWriter,
  ResponseReader,
  ResponseWriter,
} from '../../lib/core/index.js';
import { FALSE_LENGTHS, withFalseLength } from '../helpers/wire/false-length.js';

const READERS = { RequestReader, ResponseReader };
const MESSAGE = 'a Uint8Array whose length is not the number of its bytes';

/** Ends what never ends by itself. */
function withinTime(run: () => void): void {
  runInContext('run()', createContext({ run }), { timeout: 2000 });
}

function typesOf(reader: RequestReader | ResponseReader): string[] {
  const types: string[] = [];
  for (let event; (event = reader.nextEvent()) !== NEED_DATA;) types.push(event.type);
  return types;
}

describe.each<[keyof typeof READERS, string]>([
  ['RequestReader', '24:CONTENT_LENGTH\x005\0SCGI\x001\0,hello'],
  ['ResponseReader', 'Status: 200 OK\r\nContent-Length: 5\r\n\r\nhello'],
])('%s', (name, text) => {
  it.each(FALSE_LENGTHS)('should refuse a chunk whose length is %s, and read on', (_name, lengthOf) => {
    for (let from = 0; from < text.length; from++) {
      const [before, after] = [text.slice(0, from), text.slice(from)];
      const reader = new READERS[name]();
      if (from > 0) reader.receiveData(Buffer.from(before));
      withinTime(() => {
        expect(() => reader.receiveData(withFalseLength(after, lengthOf))).toThrow(
          new TypeError(`receiveData takes a Uint8Array or null, not ${MESSAGE}`),
        );
      });
      reader.receiveData(Buffer.from(after));
      expect(typesOf(reader).at(-1)).toMatch(/-end$/);
    }
  });

  it.each(['constructor', 'length', 'BYTES_PER_ELEMENT'])(
    'should refuse a chunk whose %s cannot be read, without a look at its tag',
    (key) => {
      const chunk = new (class extends Uint8Array {})(5);
      const get = (): never => {
        throw new Error('looked at');
      };
      Object.defineProperties(chunk, { [key]: { get }, [Symbol.toStringTag]: { get } });
      expect(() => new READERS[name]().receiveData(chunk)).toThrow(TypeError);
    },
  );

  it('should take a chunk of a subclass whose length is true', () => {
    const reader = new READERS[name]();
    reader.receiveData(withFalseLength(text, (length) => length));
    expect(typesOf(reader)).toHaveLength(3);
  });
});

describe.each(FALSE_LENGTHS)('a body whose length is %s', (_name, lengthOf) => {
  const data = withFalseLength('hello', lengthOf);
  const error = expect.objectContaining({ code: 'ERR_SCGI_BODY_TYPE' }) as Error;

  it('should be refused by a RequestWriter', () => {
    const begun = (): RequestWriter => {
      const writer = new RequestWriter();
      writer.writeHead({ variables: {}, contentLength: 5 });
      return writer;
    };
    expect(() => begun().send({ type: 'request-body', data })).toThrow(error);
    expect(() => begun().writeBody(data)).toThrow(error);
  });

  it('should be refused by a ResponseWriter', () => {
    const begun = (): ResponseWriter => {
      const writer = new ResponseWriter();
      writer.writeHead({ status: 200 });
      return writer;
    };
    expect(() => begun().send({ type: 'response-body', data })).toThrow(error);
    expect(() => begun().writeBody(data)).toThrow(error);
  });
});
