import { verifyReaderOptions, type ReaderOptions } from '../../../lib/core/options.js';
import { readRequestHead, type RequestHead } from '../../../lib/core/request/request-head.js';
import { factsThrownBy, type ErrorFacts } from '../../helpers/faults/error-facts.js';
import { placeOf } from '../../helpers/wire/block-place.js';
import { wire } from '../../helpers/wire/wire.js';

// Every refusal, and their order, is in request-head-faults.ts, which the specs of the reader replay.
describe('readRequestHead', () => {
  it('should return the variables and the length of the body', () => {
    const { variables, contentLength } = read('CONTENT_LENGTH␀42␀SCGI␀1␀A␀b␀');
    expect(contentLength).toBe(42);
    expect([...variables]).toEqual([
      ['CONTENT_LENGTH', '42'],
      ['SCGI', '1'],
      ['A', 'b'],
    ]);
  });

  it.each([
    ['0', 0],
    ['00', 0],
    ['00017', 17],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('should read a CONTENT_LENGTH of %s', (text, expected) => {
    expect(read(`CONTENT_LENGTH␀${text}␀SCGI␀1␀`).contentLength).toBe(expected);
  });

  it('should count offsets from where the block begins in the connection', () => {
    expect(refusal('CONTENT_LENGTH␀x␀SCGI␀1␀', {}, 0).offset).toBe(15);
    expect(refusal('CONTENT_LENGTH␀x␀SCGI␀1␀', {}, 100).offset).toBe(115);
    expect(refusal('SCGI␀1␀', {}, 100)).toEqual({
      code: 'ERR_SCGI_CONTENT_LENGTH_MISSING',
      status: 400,
      offset: 107,
    });
  });

  describe.each([
    ['CONTENT_LENGTH above HTTP_CONTENT_LENGTH', '9', '8', 9, 9],
    ['both the same', '9', '9', 9, 9],
    ['HTTP_CONTENT_LENGTH above CONTENT_LENGTH', '8', '9', undefined, 9],
    ['CONTENT_LENGTH of 0, as unbuffered nginx sends', '0', '20000000', undefined, 20_000_000],
    ['an HTTP_CONTENT_LENGTH that is empty', '5', '', 5, 5],
    ['an HTTP_CONTENT_LENGTH that is no number', '5', '9x', 5, 5],
    ['an HTTP_CONTENT_LENGTH that is above 2^53-1', '5', '9007199254740992', 5, 5],
  ])('with %s', (_name, announced, fromClient, strictly, leniently) => {
    const block = `CONTENT_LENGTH␀${announced}␀SCGI␀1␀HTTP_CONTENT_LENGTH␀${fromClient}␀`;

    it(`should ${strictly === undefined ? 'refuse the request' : `expect ${strictly} bytes`}`, () => {
      if (strictly !== undefined) expect(read(block).contentLength).toBe(strictly);
      else
        expect(refusal(block)).toEqual({ code: 'ERR_SCGI_CONTENT_LENGTH_MISMATCH', status: 400, offset: 15 });
    });

    it(`should expect ${leniently} bytes with lenientContentLength`, () => {
      expect(read(block, { lenientContentLength: true }).contentLength).toBe(leniently);
    });
  });

  it('should insist on the position of CONTENT_LENGTH only when strict', () => {
    const block = 'A␀b␀CONTENT_LENGTH␀0␀SCGI␀1␀';
    expect(read(block).contentLength).toBe(0);
    expect(refusal(block, { strict: true })).toEqual({
      code: 'ERR_SCGI_CONTENT_LENGTH_POSITION',
      status: 400,
      offset: 4,
    });
  });

  it.each([0, 1, 1000])(
    'should allow a body of maxBodyBytes, %i, and refuse one byte more',
    (maxBodyBytes) => {
      const block = (length: number): string => `CONTENT_LENGTH␀${length}␀SCGI␀1␀`;
      expect(read(block(maxBodyBytes), { maxBodyBytes }).contentLength).toBe(maxBodyBytes);
      expect(refusal(block(maxBodyBytes + 1), { maxBodyBytes })).toEqual({
        code: 'ERR_SCGI_BODY_TOO_LARGE',
        status: 413,
        offset: 15,
        limit: maxBodyBytes,
        actual: maxBodyBytes + 1,
      });
    },
  );

  it('should check the length that counts against maxBodyBytes', () => {
    const block = 'CONTENT_LENGTH␀0␀SCGI␀1␀HTTP_CONTENT_LENGTH␀9␀';
    const { code, actual } = refusal(block, { maxBodyBytes: 8, lenientContentLength: true });
    expect([code, actual]).toEqual(['ERR_SCGI_BODY_TOO_LARGE', 9]);
  });
});

function read(block: string, options: ReaderOptions = {}, offset = 0): RequestHead {
  return readRequestHead(placeOf(wire(block), offset), verifyReaderOptions(options));
}

function refusal(block: string, options: ReaderOptions = {}, offset = 0): ErrorFacts {
  return factsThrownBy(() => read(block, options, offset));
}
