import { NEVER, concat, from, map, type OperatorFunction } from 'rxjs';
import type { ReaderOptions } from '../../../lib/core/options.js';
import { decodeScgiEvents } from '../../../lib/operators/decode-scgi-events.js';
import { decodeScgi } from '../../../lib/operators/decode-scgi.js';
import { byteByByte, cut, everyTwoPartCut } from '../../helpers/wire/cuts.js';
import { logDecodeScgi, logDecodeScgiEvents } from '../../helpers/wire/decode-logs.js';
import type { FaultFixture, FaultGroup } from '../../helpers/faults/fault-fixture.js';
import { HEADER_BLOCK_FAULTS } from '../../helpers/faults/header-block-faults.js';
import { marbles } from '../../helpers/virtual-time/marbles.js';
import { NETSTRING_FAULTS, PREMATURE } from '../../helpers/faults/netstring-faults.js';
import { REQUEST_HEAD_FAULTS } from '../../helpers/faults/request-head-faults.js';
import { requestHead } from '../../helpers/wire/requests.js';
import { wire } from '../../helpers/wire/wire.js';

/** Above this, only some of the cuts into two parts are tried. */
const EVERY_CUT_BYTES = 500;

const OPERATORS = [
  ['decodeScgi', logDecodeScgi],
  ['decodeScgiEvents', logDecodeScgiEvents],
] as const;

describe.each(OPERATORS)('%s, however the chunks are cut', (_, log) => {
  describe.each([...NETSTRING_FAULTS, ...HEADER_BLOCK_FAULTS, ...REQUEST_HEAD_FAULTS])('$code', (group) => {
    it.each(group.rows)('should be the error for $fault', (row) => {
      for (const chunks of everyCut(row)) {
        // The source does not end: the fault itself must be enough.
        expect(log(concat(from(chunks), NEVER), row.options)).toEqual({ body: '', end: factsOf(group, row) });
      }
    });
  });

  describe(PREMATURE.code, () => {
    it.each(PREMATURE.rows)('should be the error for $fault', (row) => {
      const [head, body] = (row.after ?? []).map((line) => line.split(' ').slice(2));
      for (const chunks of everyCut(row)) {
        const { bodyEnd, ...rest } = log(from(chunks), row.options);
        const end = factsOf(PREMATURE, row);
        expect(rest).toEqual({
          body: body?.[0] ?? '',
          end,
          ...(head && { head: expect.any(String) as string }),
        });
        if (head && log === logDecodeScgi) expect(bodyEnd).toEqual(end);
      }
    });
  });
});

type Decoder = (options?: ReaderOptions) => OperatorFunction<Uint8Array, object>;

describe.each<[string, Decoder]>([
  ['decodeScgi', decodeScgi],
  ['decodeScgiEvents', decodeScgiEvents],
])('%s, with a fault', (_, operator) => {
  it('should error in the frame of the wrong byte, and unsubscribe from the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Uint8Array>('--a-b-c--|', { a: wire('24'), b: wire('x'), c: wire('CONT') });
      const expected = '               ----#     ';
      const subscription = '           ^---!     ';
      const fault = { code: 'ERR_SCGI_NETSTRING_LENGTH', offset: 2 };
      expectObservable(source.pipe(operator())).toBe(expected, {}, fault);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it.each([
    ['maxHeaderBytes', { maxHeaderBytes: 24 }, { maxHeaderBytes: 23 }, 'ERR_SCGI_HEADERS_TOO_LARGE', 1, 24],
    ['maxHeaders', { maxHeaders: 2 }, { maxHeaders: 1 }, 'ERR_SCGI_TOO_MANY_HEADERS', 20, 2],
    ['maxBodyBytes', { maxBodyBytes: 7 }, { maxBodyBytes: 6 }, 'ERR_SCGI_BODY_TOO_LARGE', 18, 7],
  ])('should allow %s to be reached, and not passed', (name, enough, tooLittle, code, offset, actual) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--a', { a: requestHead(7) });
      const names = map(() => 'head');
      const limit = actual - 1;
      expectObservable(source.pipe(operator(enough), names)).toBe('--h', { h: 'head' });
      expectObservable(source.pipe(operator(tooLittle), names)).toBe(
        '--#',
        {},
        { code, offset, limit, actual },
      );
      expectSubscriptions(source.subscriptions).toBe(['^', '^-!']);
      expect(tooLittle).toHaveProperty(name, limit);
    });
  });
});

function factsOf({ code }: FaultGroup, { offset, limit, actual }: FaultFixture): object {
  return { code, offset, ...(limit !== undefined && { limit }), ...(actual !== undefined && { actual }) };
}

function everyCut({ input }: FaultFixture): Uint8Array[][] {
  const bytes = wire(input);
  const step = bytes.length > EVERY_CUT_BYTES ? 997 : 1;
  const inTwo = everyTwoPartCut(bytes.length).filter((_, index) => index % step === 0);
  return [[], byteByByte(bytes.length), ...inTwo].map((sizes) => cut(bytes, sizes));
}
