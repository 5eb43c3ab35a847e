import * as fc from 'fast-check';
import { from, map, of, type Observable } from 'rxjs';
import type { HandleOptions } from '../../../lib/operators/engine-options.js';
import { createFlow } from '../../../lib/operators/flow/flow.js';
import { handleScgi } from '../../../lib/operators/handle-scgi.js';
import type { ScgiHandler } from '../../../lib/operators/types.js';
import { cut } from '../../helpers/wire/cuts.js';
import { FUZZ_RUNS } from '../../helpers/fuzz-runs.js';
import { errorFacts } from '../../helpers/virtual-time/marbles.js';
import { parseResponse } from '../../helpers/wire/parse-response.js';
import {
  anyRequest,
  chunkSizes,
  headerText,
  readerOptions,
  validRequest,
} from '../../helpers/wire/request-arbitraries.js';
import { encodeRequest, show, wire } from '../../helpers/wire/wire.js';

const RUNS = { numRuns: FUZZ_RUNS };

const HANDLERS: Readonly<Record<string, ScgiHandler>> = {
  collecting: (request) => request.bytes().pipe(map((body) => ({ body }))),
  pulling: ({ body }) => of({ body }),
  pushing: ({ body }) => of({ body: body.pipe(map((chunk) => chunk)) }),
  'ignoring the body': () => of({ body: 'hi' }),
};

/** All that went out, `|` at the end or `#` and the error's facts; and what onError was told. */
function exchange(chunks: Observable<Uint8Array>, handler: ScgiHandler, options?: HandleOptions) {
  let sent = '';
  const errors: unknown[] = [];
  const onError = (error: unknown): void => {
    // What follows the request is told only if it comes before the response ends, as in the same chunk.
    if ((error as { code?: string }).code !== 'ERR_SCGI_BODY_SURPLUS') errors.push(errorFacts(error));
  };
  chunks.pipe(handleScgi(handler, { ...options, flow: createFlow(), onError })).subscribe({
    next: (bytes) => (sent += show(bytes)),
    error: (error: unknown) => (sent += `#${JSON.stringify(errorFacts(error))}`),
    complete: () => (sent += '|'),
  });
  return { sent, errors };
}

describe.each(Object.entries(HANDLERS))('handleScgi with a handler %s, by property', (_, handler) => {
  it('should send the same bytes and report the same errors for every chunking', () => {
    fc.assert(
      fc.property(anyRequest, chunkSizes, readerOptions, (input, sizes, options) => {
        const whole = exchange(from([input]), handler, options);
        expect(exchange(from(cut(input, sizes)), handler, options)).toEqual(whole);
      }),
      RUNS,
    );
  });

  it('should give one complete answer, and nothing else, to random bytes', () => {
    const randomRequest = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc
        .tuple(fc.nat(99), fc.uint8Array({ maxLength: 100 }))
        .map(([n, bytes]) => wire(`${n}:${show(bytes)}`)),
    );
    fc.assert(
      fc.property(randomRequest, chunkSizes, (input, sizes) => {
        const { sent, errors } = exchange(from(cut(input, sizes)), handler);
        expect(sent).toMatch(
          /^(?:Status: [2-5][0-9]{2} |HTTP\/1\.0 400 ).+\r\nContent-Length: ([0-9]+)\r\n\r\n.*\|$/s,
        );
        const { fields, body } = parseResponse(sent.replace(/^HTTP\/1\.0 400/, 'Status: 400'));
        expect(body).toHaveLength(Number(new Map(fields).get('Content-Length')) + 1);
        expect(errors).toHaveLength(sent.startsWith('Status: 200') ? 0 : 1);
      }),
      RUNS,
    );
  });
});

describe('handleScgi with an echo, by property', () => {
  it.each(['collecting', 'pulling', 'pushing'])('should send back the body that was encoded (%s)', (name) => {
    fc.assert(
      fc.property(validRequest, chunkSizes, ({ pairs, body }, sizes) => {
        const chunks = cut(encodeRequest(pairs, body), sizes);
        const { sent, errors } = exchange(from(chunks), HANDLERS[name]!);
        expect(errors).toEqual([]);
        expect(parseResponse(sent).body).toBe(`${show(wire(body))}|`);
      }),
      RUNS,
    );
  });

  it('should send back every variable that was encoded', () => {
    fc.assert(
      fc.property(validRequest, headerText(), chunkSizes, ({ pairs, body }, extra, sizes) => {
        const variables = [...pairs.filter(([name]) => name !== 'X'), ['X', extra] as const];
        const handler: ScgiHandler = (request) => of({ body: JSON.stringify([...request.variables]) });
        const { sent } = exchange(from(cut(encodeRequest(variables, body), sizes)), handler);
        const expected = [['CONTENT_LENGTH', String(body.length)], ['SCGI', '1'], ...variables];
        const text = parseResponse(sent).body.replace(/\|$/, '');
        expect(JSON.parse(Buffer.from(text, 'latin1').toString())).toEqual(expected);
      }),
      RUNS,
    );
  });
});
