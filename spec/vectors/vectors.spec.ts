/** vectors/*.json: their form, what they cover, and that our own readers agree with each of them. */
import { isDeepStrictEqual } from 'node:util';
import Ajv from 'ajv';
import { LIMIT_STATUS, PROTOCOL_STATUS, USAGE_STATUS } from '../../lib/core/errors/codes.js';
import { ResponseParser } from '../../lib/core/response/response-parser.js';
import { verifyResponseReaderOptions } from '../../lib/core/response/response-reader.js';
import { cut } from '../helpers/wire/cuts.js';
import {
  readJson,
  vectorFiles,
  vectorsFor,
  type Outcome,
  type Place,
  type Vector,
} from '../helpers/wire/vectors.js';
import { REQUEST_READERS, RESPONSE_READERS, type Reader } from './own-readers.js';

/** Faults that no bytes of a message show: what they are about instead. A code that is in neither list fails a spec. */
const NOT_IN_THE_BYTES = {
  'the use of our own interface': Object.keys(USAGE_STATUS),
  'what a body means to its application': ['ERR_SCGI_BODY_JSON', 'ERR_SCGI_RESPONSE_JSON'],
  'bytes that wait for somebody': [
    'ERR_SCGI_BODY_OVERFLOW',
    'ERR_SCGI_RESPONSE_OVERFLOW',
    'ERR_SCGI_UNREAD_TIMEOUT',
  ],
  time: [
    'ERR_SCGI_HEADERS_TIMEOUT',
    'ERR_SCGI_BODY_TIMEOUT',
    'ERR_SCGI_BODY_TOTAL_TIMEOUT',
    'ERR_SCGI_IDLE_TIMEOUT',
    'ERR_SCGI_HANDLER_TIMEOUT',
    'ERR_SCGI_SEND_TIMEOUT',
    'ERR_SCGI_DRAIN_TIMEOUT',
    'ERR_SCGI_CONNECT_TIMEOUT',
    'ERR_SCGI_RESPONSE_HEAD_TIMEOUT',
    'ERR_SCGI_RESPONSE_BODY_TIMEOUT',
  ],
  'connections and calls': [
    'ERR_SCGI_GATEWAY_GONE',
    'ERR_SCGI_CONNECT_FAILED',
    'ERR_SCGI_TOO_MANY_CONNECTIONS',
    'ERR_SCGI_TOO_MANY_CALLS',
    'ERR_SCGI_LOCAL_REDIRECTS',
  ],
  'HTTP in front of a gateway': [
    'ERR_SCGI_HTTP_REQUEST',
    'ERR_SCGI_HTTP_TRANSFER_CODING',
    'ERR_SCGI_HOST_NOT_ALLOWED',
  ],
};

const files = vectorFiles();
const requests = vectorsFor('request');
const responses = vectorsFor('response');

describe('vectors/', () => {
  const isValid = new Ajv({ allErrors: true }).compile(readJson('schema.json') as object);

  it.each(files)('should have the form of the schema in %s', (_name, file) => {
    expect([isValid(file), isValid.errors]).toEqual([true, null]);
  });

  it('should have a schema that refuses what is no vector', () => {
    const [, file] = files[0]!;
    const [vector] = file.vectors;
    const wrong = [
      { ...vector, why: 'no sentence' },
      { ...vector, basis: 'taste' },
      { ...vector, section: '4' },
      { ...vector, input: 'č' },
      { ...vector, options: { maxHeadersBytes: 1 } },
      { ...vector, expect: { ...vector!.expect, ends: 1 } },
      { ...vector, expect: {} },
    ];
    expect(wrong.filter((each) => isValid({ ...file, vectors: [each] }) === true)).toEqual([]);
  });

  it('should have a name of its own for each', () => {
    for (const vectors of [requests, responses])
      expect(new Set(vectors.map(({ name }) => name)).size).toBe(vectors.length);
  });

  it('should expect errors of those that are refused, and of no others', () => {
    const odd = [...requests, ...responses].filter(
      ({ verdict, expect }) => (verdict === 'refused') !== (expect.error !== undefined),
    );
    expect(odd.map(({ name }) => name)).toEqual([]);
  });

  it('should cover every code that is about the bytes of a message', () => {
    const covered = [...requests, ...responses].flatMap(({ expect: { error, surplus } }) => [
      ...(error ? [error.code] : []),
      ...(surplus === undefined ? [] : ['ERR_SCGI_BODY_SURPLUS']),
    ]);
    const others = Object.values(NOT_IN_THE_BYTES).flat();
    const codes = Object.keys({ ...PROTOCOL_STATUS, ...LIMIT_STATUS, ...USAGE_STATUS });
    expect([...new Set(covered), ...others].sort()).toEqual(codes.sort());
  });

  it('should have the status of its code in each error', () => {
    const statuses: Record<string, number> = { ...PROTOCOL_STATUS, ...LIMIT_STATUS };
    for (const { expect: outcome } of [...requests, ...responses])
      if (outcome.error) expect(outcome.error).toMatchObject({ status: statuses[outcome.error.code] });
  });
});

describe.each(REQUEST_READERS)('%s', (_name, read) => {
  it.each(requests.map((vector) => [vector.name, vector] as const))('should read %s', (_title, vector) =>
    replay(vector, read),
  );
});

describe.each(RESPONSE_READERS)('%s', (_name, read, asTold) => {
  it.each(responses.map(asTold).map((vector) => [vector.name, vector] as const))(
    'should read %s',
    (_title, vector) => replay(vector, read),
  );
});

describe('the local redirects of the vectors', () => {
  const withHead = responses.filter(({ expect: { head } }) => head);

  it.each(withHead.map((vector) => [vector.name, vector] as const))(
    'should be found in %s',
    (_title, vector) => {
      let found: string | undefined;
      const parser = new ResponseParser(verifyResponseReaderOptions(vector.options), {
        responseHeaders: (_head, _length, localRedirect) => (found = localRedirect),
        responseBody: () => undefined,
        responseEnd: () => undefined,
      });
      parser.push(vector.input);
      expect(found).toBe(vector.expect.head?.localRedirect);
    },
  );
});

/** Reads a vector whole, byte by byte, at each single cut, and with more data behind it. */
function replay({ input, options, expect: expected }: Vector, read: Reader): void {
  const places = Array.from({ length: input.length }, (_, index) => index);
  // The longest ones are cut only where something may happen, and here and there.
  const near = places.filter(
    (at) => input.length < 1000 || at < 20 || at > input.length - 20 || at % 97 === 0,
  );
  const bytes = places.map(() => 1);
  const chunkings = [[input], cut(input, bytes), ...near.map((at) => cut(input, [at]))];
  for (const chunks of chunkings) {
    const outcome = read(chunks, options);
    const due = told(outcome, expected, chunks);
    // Jest's comparison takes most of the time.
    if (!isDeepStrictEqual(outcome, due)) expect(outcome).toEqual(due);
  }
  // Whatever follows a message changes nothing, unless it belongs to the body.
  const last = expected.error?.at ?? expected.end;
  if (last === 'eof') return;
  const surplus = expected.headers && expected.error === undefined ? { surplus: expected.end as number } : {};
  const chunks = [input, Buffer.from('?')];
  const outcome = read(chunks, options);
  expect(outcome).toEqual(told(outcome, { ...expected, ...surplus }, chunks));
}

/** The expected outcome with the chunk at whose end each event comes, and without what this reader does not tell. */
function told(actual: Outcome, expected: Outcome, chunks: readonly Uint8Array[]): Outcome {
  let bytes = 0;
  const ends = chunks.map(({ length }) => (bytes += length));
  const seen = (at: Place): Place => (at === 'eof' ? at : ends.find((end) => end >= at)!);
  const { headers, head, body, end, surplus, error } = expected;
  const { localRedirect: _, ...rest } = head ?? { at: 0, status: 0, reason: '', fields: [] };
  const contentLength = actual.headers?.contentLength;
  return {
    ...(headers && {
      headers: {
        ...headers,
        at: seen(headers.at),
        contentLength: Number.isNaN(contentLength) ? NaN : headers.contentLength,
      },
    }),
    ...(head && { head: { ...rest, at: seen(head.at) } }),
    ...(body !== undefined && { body }),
    ...(end !== undefined && { end: seen(end) }),
    ...(surplus !== undefined && 'surplus' in actual && { surplus }),
    ...(error && { error: { ...error, at: seen(error.at) } }),
  };
}
