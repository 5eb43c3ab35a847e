import * as fc from 'fast-check';
import type { MetaVariables } from '../../../lib/core/headers/meta-variables.js';
import { verifyReaderOptions } from '../../../lib/core/options.js';
import { RequestParser } from '../../../lib/core/request/request-parser.js';
import { byteByByte, cut } from '../../helpers/wire/cuts.js';
import { FUZZ_RUNS } from '../../helpers/fuzz-runs.js';
import { modelLog } from '../../helpers/wire/model-reader.js';
import { placeEvents, readRequest } from '../../helpers/wire/read-request.js';
import {
  anyRequest,
  chunkSizes,
  readerOptions,
  validRequest,
} from '../../helpers/wire/request-arbitraries.js';
import { encodeRequest, show, wire } from '../../helpers/wire/wire.js';

const RUNS = { numRuns: FUZZ_RUNS };

describe('RequestParser, for any input', () => {
  it('should give the same events and the same error, message included, however the input is cut', () => {
    fc.assert(
      fc.property(anyRequest, chunkSizes, readerOptions, (input, sizes, options) => {
        const whole = readRequest(input, [], options);
        const inPieces = readRequest(input, sizes, options);
        expect(inPieces.events.map(({ what }) => what)).toEqual(whole.events.map(({ what }) => what));
        expect(inPieces.error).toEqual(whole.error);
      }),
      RUNS,
    );
  });

  it('should raise what the error table says, at the byte that decides it', () => {
    fc.assert(
      fc.property(anyRequest, readerOptions, (input, options) => {
        const expected = modelLog(input, options);
        for (const sizes of [byteByByte(input.length), []]) {
          expect(placeEvents(readRequest(input, sizes, options).events, expected)).toEqual(expected);
        }
      }),
      RUNS,
    );
  });

  it('should raise only an ScgiError for random bytes', () => {
    fc.assert(
      // readRequest throws on whatever is no ScgiError.
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(99), chunkSizes, (bytes, length, sizes) => {
        readRequest(bytes, sizes);
        const { events } = readRequest(wire(`${length}:${show(bytes)}`), sizes);
        expect(events.at(-1)?.what).toMatch(/^(end|fault ERR_SCGI_[A-Z_]+ .*)$/);
      }),
      RUNS,
    );
  });

  it('should decode what was encoded', () => {
    fc.assert(
      fc.property(validRequest, chunkSizes, ({ pairs, body }, sizes) => {
        const decoded = decode(encodeRequest(pairs, body), sizes);
        const compulsory = [
          ['CONTENT_LENGTH', String(body.length)],
          ['SCGI', '1'],
        ];
        expect(decoded).toEqual({ pairs: [...compulsory, ...pairs], body: show(wire(body)), ended: true });
      }),
      RUNS,
    );
  });
});

interface Decoded {
  readonly pairs: [string, string][];
  readonly body: string;
  readonly ended: boolean;
}

function decode(input: Uint8Array, sizes: Iterable<number>): Decoded {
  let variables: MetaVariables | undefined;
  let body = '';
  let ended = false;
  const reader = new RequestParser(verifyReaderOptions(), {
    requestHeaders: (received) => (variables = received),
    requestBody: (data) => (body += show(data)),
    requestEnd: () => (ended = true),
  });
  for (const chunk of cut(input, sizes)) reader.push(chunk);
  reader.end();
  return { pairs: [...(variables ?? [])], body, ended };
}
