import * as fc from 'fast-check';
import { from } from 'rxjs';
import { cut } from '../../helpers/wire/cuts.js';
import { logDecodeScgi, logDecodeScgiEvents } from '../../helpers/wire/decode-logs.js';
import { FUZZ_RUNS } from '../../helpers/fuzz-runs.js';
import {
  anyRequest,
  chunkSizes,
  readerOptions,
  validRequest,
} from '../../helpers/wire/request-arbitraries.js';
import { encodeRequest, show, wire } from '../../helpers/wire/wire.js';

const RUNS = { numRuns: FUZZ_RUNS };

describe('decodeScgi, by property', () => {
  it('should give the same request, body and error for every chunking', () => {
    fc.assert(
      fc.property(anyRequest, chunkSizes, readerOptions, (input, sizes, options) => {
        const whole = logDecodeScgi(from([input]), options);
        expect(logDecodeScgi(from(cut(input, sizes)), options)).toEqual(whole);
      }),
      RUNS,
    );
  });

  it('should end the body as it ends the result', () => {
    fc.assert(
      fc.property(anyRequest, chunkSizes, (input, sizes) => {
        const { head, bodyEnd, end } = logDecodeScgi(from(cut(input, sizes)));
        expect(bodyEnd).toEqual(head === undefined ? undefined : end);
      }),
      RUNS,
    );
  });

  it('should agree with decodeScgiEvents', () => {
    fc.assert(
      fc.property(anyRequest, chunkSizes, readerOptions, (input, sizes, options) => {
        const { head, body, end } = logDecodeScgi(from(cut(input, sizes)), options);
        expect(logDecodeScgiEvents(from(cut(input, sizes)), options)).toEqual({ head, body, end });
      }),
      RUNS,
    );
  });

  it('should decode what was encoded', () => {
    fc.assert(
      fc.property(validRequest, chunkSizes, ({ pairs, body }, sizes) => {
        const log = logDecodeScgi(from(cut(encodeRequest(pairs, body), sizes)));
        const headers = [['CONTENT_LENGTH', String(body.length)], ['SCGI', '1'], ...pairs];
        const head = headers.map((pair) => pair.join('=')).join(' ');
        expect(log).toEqual({ head, body: show(wire(body)), bodyEnd: '|', end: '|' });
      }),
      RUNS,
    );
  });

  it('should raise only an ScgiError for random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), chunkSizes, (input, sizes) => {
        const { end } = logDecodeScgi(from(cut(input, sizes)));
        if (end !== '|')
          expect(end).toEqual(
            expect.objectContaining({ code: expect.stringMatching(/^ERR_SCGI_/) as string }),
          );
      }),
      RUNS,
    );
  });
});
