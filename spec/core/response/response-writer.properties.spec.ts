import * as fc from 'fast-check';
import { isScgiError } from '../../../lib/core/errors/errors.js';
import { ResponseWriter } from '../../../lib/core/response/response-writer.js';
import { cut } from '../../helpers/wire/cuts.js';
import { FUZZ_RUNS } from '../../helpers/fuzz-runs.js';
import { parseResponse } from '../../helpers/wire/parse-response.js';
import { chunkSizes } from '../../helpers/wire/request-arbitraries.js';
import { fields, hostileText } from '../../helpers/wire/response-arbitraries.js';

const RUNS = { numRuns: FUZZ_RUNS };

describe('ResponseWriter, for any response', () => {
  it('should write what a gateway parses into the same fields and the same body', () => {
    const response = fc.record({
      status: fc.integer({ min: 200, max: 599 }).filter((status) => ![204, 205, 304].includes(status)),
      headers: fields,
      type: fc.option(fc.constant('text/plain')),
      body: fc.uint8Array({ maxLength: 60 }),
    });
    fc.assert(
      fc.property(response, chunkSizes, fc.boolean(), ({ status, headers, type, body }, sizes, isKnown) => {
        const typed: [string, string][] = type === null ? [] : [['Content-Type', type]];
        const writer = new ResponseWriter();
        const context = isKnown ? { bodyLength: body.length } : {};
        let written = writer.writeHead({ status, headers: [...headers, ...typed] }, context);
        for (const chunk of cut(body, sizes)) written += latin1(writer.writeBody(chunk) ?? new Uint8Array(0));
        writer.end();
        const [first, ...others] = parseResponse(written).fields;
        expect(first?.[0]).toBe('Status');
        expect(first?.[1]).toMatch(new RegExp(`^${status} .+`));
        const length: [string, string][] = isKnown ? [['Content-Length', String(body.length)]] : [];
        expect(others).toEqual([...typed, ...headers, ...length]);
        expect(parseResponse(written).body).toBe(latin1(body));
      }),
      RUNS,
    );
  });

  it('should write only the intended lines, whatever the texts, or raise an ScgiError', () => {
    const hostile = fc.record({
      status: fc.oneof(
        fc.constant(200),
        hostileText.map((text) => `200 ${text}`),
        hostileText,
      ),
      headers: fc.array(fc.tuple(fc.oneof(fc.constant('X-A'), hostileText), hostileText), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(hostile, ({ status, headers }) => {
        const text = headTextOrRefusal({ status, headers });
        if (text === undefined) return;
        const { fields: written, body } = parseResponse(text);
        expect(written.map(([name]) => name).sort()).toEqual(
          ['Status', ...headers.map(([name]) => name)].sort(),
        );
        expect(written.every(([, value]) => !/[^\t\x20-\x7e\x80-\xff]/.test(value))).toBe(true);
        expect(body).toBe('');
      }),
      RUNS,
    );
  });
});

/** The head; `undefined` when the writer refuses it, as it may. */
function headTextOrRefusal(init: {
  status: number | string;
  headers: [string, string][];
}): string | undefined {
  try {
    return new ResponseWriter().writeHead(init);
  } catch (error) {
    if (isScgiError(error)) return undefined;
    throw error;
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
