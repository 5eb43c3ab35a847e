import * as fc from 'fast-check';
import { isScgiError } from '../../../lib/core/errors/errors.js';
import { NEED_DATA } from '../../../lib/core/pull-reader.js';
import { ResponseReader, type ResponseReaderOptions } from '../../../lib/core/response/response-reader.js';
import { countAllocatedBytes } from '../../helpers/count-allocated-bytes.js';
import { byteByByte, cut, everyTwoPartCut } from '../../helpers/wire/cuts.js';
import { factsThrownBy } from '../../helpers/faults/error-facts.js';
import { FUZZ_RUNS } from '../../helpers/fuzz-runs.js';
import { describeFault } from '../../helpers/wire/read-request.js';
import { chunkSizes } from '../../helpers/wire/request-arbitraries.js';
import { show, wire } from '../../helpers/wire/wire.js';

type Row = [should: string, input: string, log: readonly string[], options?: ResponseReaderOptions];

/** Responses that are read, whose logs do not depend on the cut. */
const RESPONSES: readonly Row[] = [
  [
    'read lines that end in CRLF',
    'Status: 404 Not Found\r\nA: b\r\n\r\nbody',
    ['404 Not Found A=b', 'body body', 'end'],
  ],
  [
    'read lines that end in LF',
    'Status: 404 Not Found\nA: b\n\nbody',
    ['404 Not Found A=b', 'body body', 'end'],
  ],
  ['read lines that end in both', 'Status: 200\r\nA: b\n\r\n', ['200  A=b', 'end']],
  ['take no Status for 200', 'A: b\n\n', ['200  A=b', 'end']],
  ['take a Location without a Status for 302', 'Location: /x\n\n', ['302  Location=/x', 'end']],
  [
    'take the Status of a redirect',
    'Location: http://x/\nStatus: 307 Go\n\n',
    ['307 Go Location=http://x/', 'end'],
  ],
  ['read NPH', 'HTTP/1.1 404 Not Found\r\nA: b\r\n\r\nx', ['404 Not Found A=b', 'body x', 'end']],
  ['read NPH without a reason', 'HTTP/1.0 404\nA: b\n\n', ['404  A=b', 'end']],
  ['read NPH with no field', 'HTTP/1.0 404\n\n', ['404 ', 'end']],
  [
    'trim blanks, and keep those inside',
    'Status:  299  so  so \nA: \t b  c \t\n\n',
    ['299 so  so A=b  c', 'end'],
  ],
  [
    'keep several fields of a name, and their order',
    'Set-Cookie: a\nB: 1\nset-cookie: b\n\n',
    ['200  Set-Cookie=a B=1 set-cookie=b', 'end'],
  ],
  ['take ISO-8859-1 and empty values', 'A: \xe4\xff\nB:\n\n', ['200  A=\xe4\xff B=', 'end']],
  [
    'end at the Content-Length, and drop what follows',
    'Content-Length: 2\n\nabcd',
    ['200  Content-Length=2', 'body ab', 'end'],
  ],
  [
    'take two equal lengths for one',
    'Content-Length: 1\ncontent-length: 1\n\nx',
    ['200  Content-Length=1', 'body x', 'end'],
  ],
  ['end at once with a length of 0', 'Content-Length: 0\n\nx', ['200  Content-Length=0', 'end']],
  ['take two equal statuses for one', 'Status: 201\nStatus: 201\nA: b\n\n', ['201  A=b', 'end']],
  ['give no body to 205', 'Status: 205\nContent-Length: 5\n\nx', ['205  Content-Length=5', 'end']],
  ['give no body to 204', 'Status: 204\nContent-Length: 5\n\nx', ['204  Content-Length=5', 'end']],
  ['give no body to 304', 'Status: 304\nContent-Length: 5\n\n', ['304  Content-Length=5', 'end']],
  [
    'give no body to HEAD',
    'Content-Length: 5\n\n',
    ['200  Content-Length=5', 'end'],
    { requestMethod: 'HEAD' },
  ],
  ['read binary bodies', 'A: b\n\n␀\r\n\n\xff', ['200  A=b', 'body ␀\r\n\n\xff', 'end']],
  [
    'take a head of exactly maxResponseHeadBytes',
    'A: bcd\n\nx',
    ['200  A=bcd', 'body x', 'end'],
    { maxResponseHeadBytes: 8 },
  ],
];

const fault = (code: string, offset: number, facts = ''): string =>
  `fault ERR_SCGI_${code} status=502 offset=${offset}${facts}`;

/** Responses that are refused. */
const FAULTS: readonly Row[] = [
  ['nothing at all', '', [fault('EMPTY_RESPONSE', 0)]],
  ['an end in the head', 'A: b\nC', [fault('RESPONSE_TRUNCATED', 6)]],
  ['an end before the empty line', 'A: b\r\n\r', [fault('RESPONSE_TRUNCATED', 7)]],
  [
    'a short body',
    'Content-Length: 5\n\nabc',
    ['200  Content-Length=5', 'body abc', fault('RESPONSE_TRUNCATED', 22)],
  ],
  [
    'no body where there should be one',
    'Content-Length: 5\n\n',
    ['200  Content-Length=5', fault('RESPONSE_TRUNCATED', 19)],
  ],
  ['an empty head', '\r\n\r\n', [fault('RESPONSE_HEAD', 0)]],
  ['what is no field', 'A: b\nhello\n\n', [fault('RESPONSE_HEAD', 5)]],
  ['a blank before the colon', 'A : b\n\n', [fault('RESPONSE_HEAD', 0)]],
  ['a folded line', 'A: b\n c\n\n', [fault('RESPONSE_HEAD', 5)]],
  ['a line folded by a tab', 'A: b\n\tc: d\n\n', [fault('RESPONSE_HEAD', 5)]],
  ['NUL', 'A: b␀\n\n', [fault('RESPONSE_HEAD', 0)]],
  ['a bare CR', 'A: b\rC: d\n\n', [fault('RESPONSE_HEAD', 0)]],
  ['a CR too many', 'A: b\r\r\n\r\n', [fault('RESPONSE_HEAD', 0)]],
  ['a control character', 'A: b\nC: \x1b[2J\n\n', [fault('RESPONSE_HEAD', 5)]],
  ['a name that is no token', 'A(: b\n\n', [fault('RESPONSE_HEAD', 0)]],
  ['no name', ': b\n\n', [fault('RESPONSE_HEAD', 0)]],
  ['a status of two digits', 'A: b\nStatus: 99\n\n', [fault('RESPONSE_HEAD', 5)]],
  ['a status of four digits', 'Status: 2000\n\n', [fault('RESPONSE_HEAD', 0)]],
  ['a status with a tab behind it', 'Status: 200\tOK\n\n', [fault('RESPONSE_HEAD', 0)]],
  ['a status with a letter', 'Status: 20a\n\n', [fault('RESPONSE_HEAD', 0)]],
  ['an empty status', 'Status:\nA: b\n\n', [fault('RESPONSE_HEAD', 0)]],
  ['an interim status', 'Status: 101 Switching\n\n', [fault('RESPONSE_HEAD', 0)]],
  ['a status that is none', 'HTTP/1.1 ok\n\n', [fault('RESPONSE_HEAD', 0)]],
  ['two statuses', 'Status: 200\nStatus: 404\n\n', [fault('RESPONSE_HEAD', 12)]],
  ['two lengths', 'Content-Length: 5\nContent-Length: 6\n\n', [fault('RESPONSE_HEAD', 18)]],
  ['a negative length', 'Content-Length: -1\n\n', [fault('RESPONSE_HEAD', 0)]],
  ['an empty length', 'Content-Length:\n\n', [fault('RESPONSE_HEAD', 0)]],
  ['a length above 2^53-1', 'Content-Length: 9007199254740992\n\n', [fault('RESPONSE_HEAD', 0)]],
  ['a status line behind a field', 'A: b\nHTTP/1.1 200 OK\n\n', [fault('RESPONSE_HEAD', 5)]],
  [
    'a head of one byte more than maxResponseHeadBytes',
    'A: bcde\n\nx',
    [fault('RESPONSE_HEAD_TOO_LARGE', 8, ' limit=8 actual=9')],
    { maxResponseHeadBytes: 8 },
  ],
  [
    'a line without an end',
    'A: bcdefghijkl',
    [fault('RESPONSE_HEAD_TOO_LARGE', 8, ' limit=8 actual=9')],
    { maxResponseHeadBytes: 8 },
  ],
  [
    'a bad line before the limit',
    'A\nB: cdefgh\n\n',
    [fault('RESPONSE_HEAD', 0)],
    { maxResponseHeadBytes: 8 },
  ],
];

describe('ResponseReader', () => {
  for (const [should, input, log, options] of RESPONSES)
    it(`should ${should}, however it is cut`, () => replay(input, log, options));

  for (const [what, input, log, options] of FAULTS)
    it(`should refuse ${what}, however it is cut`, () => replay(input, log, options));

  it('should raise a fault at the line that has it, without waiting for more', () => {
    const reader = new ResponseReader();
    reader.receiveData(wire('hello\n'));
    expect(factsThrownBy(() => reader.nextEvent())).toMatchObject({ code: 'ERR_SCGI_RESPONSE_HEAD' });
    expect(reader.state).toBe('failed');
  });

  it('should have the state of the last event that it returned', () => {
    const reader = new ResponseReader();
    reader.receiveData(wire('A: b\nContent-Length: 1\n\nx'));
    const states = [1, 2, 3, 4].map(() => {
      const event = reader.nextEvent();
      return [event === NEED_DATA ? 'NEED_DATA' : event.type, reader.state];
    });
    expect(states).toEqual([
      ['response-headers', 'body'],
      ['response-body', 'body'],
      ['response-end', 'done'],
      ['NEED_DATA', 'done'],
    ]);
  });

  it('should return all parts of a body that arrive before anybody asks, in their order', () => {
    const reader = new ResponseReader();
    reader.receiveData(wire('Content-Length: 5\n\n'));
    expect(reader.nextEvent()).toMatchObject({ type: 'response-headers' });
    for (const part of ['a', '', 'b', 'cd', 'ef']) reader.receiveData(wire(part));
    expect([1, 2, 3, 4, 5, 6].map(() => reader.nextEvent())).toEqual([
      ...['a', 'b', 'cd', 'e'].map((part) => ({ type: 'response-body', data: wire(part) })),
      { type: 'response-end' },
      NEED_DATA,
    ]);
    expect(reader.state).toBe('done');
  });

  it('should give the same result however the bytes are cut, and throw nothing but an ScgiError', () => {
    const part = fc.constantFrom(
      ...[
        'A',
        ': ',
        'b',
        '\n',
        '\r\n',
        '\r',
        ' ',
        'Status: ',
        '404',
        'Content-Length: ',
        '3',
        'HTTP/1.1 200',
        'Location: /',
        '␀',
        '\xff',
      ],
    );
    const likely = fc.array(part, { maxLength: 20 }).map((parts) => wire(parts.join('')));
    const input = fc.oneof(likely, fc.uint8Array({ maxLength: 40 }));
    const options = fc.record(
      {
        maxResponseHeadBytes: fc.constantFrom(1, 8, 20, 1000),
        requestMethod: fc.constantFrom('GET', 'HEAD'),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(input, chunkSizes, options, (bytes, sizes, chosen) => {
        const whole = read(bytes, [], chosen);
        expect(read(bytes, sizes, chosen)).toEqual(whole);
        expect(read(bytes, byteByByte(bytes.length), chosen)).toEqual(whole);
      }),
      { numRuns: FUZZ_RUNS },
    );
  });

  it('should hold less than 1 kB of a head that has only begun', () => {
    const reader = new ResponseReader();
    const begun = wire('X-Long: value');
    expect(countAllocatedBytes(() => reader.receiveData(begun))).toBeLessThan(1024);
  });

  it('should copy a line in proportion to its length, byte by byte', () => {
    const bytes = wire(`A: ${'v'.repeat(60_000)}\n\n`);
    const chunks = cut(bytes, byteByByte(bytes.length));
    const reader = new ResponseReader();
    const allocated = countAllocatedBytes(() => {
      for (const chunk of chunks) reader.receiveData(chunk);
    });
    expect(allocated).toBeLessThan(3 * bytes.length);
    expect(reader.nextEvent()).toMatchObject({ type: 'response-headers' });
  });

  it('should refuse invalid options', () => {
    for (const maxResponseHeadBytes of [0, -1, 1.5, Infinity, '5' as never])
      expect(() => new ResponseReader({ maxResponseHeadBytes })).toThrow(RangeError);
    expect(() => new ResponseReader({ requestMethod: 5 as never })).toThrow(TypeError);
    expect(() => new ResponseReader({ method: 'HEAD' } as never)).toThrow(TypeError);
  });
});

function replay(input: string, log: readonly string[], options?: ResponseReaderOptions): void {
  const bytes = wire(input);
  for (const sizes of [[], byteByByte(bytes.length), ...everyTwoPartCut(bytes.length)])
    expect(read(bytes, sizes, options)).toEqual(log);
}

/** Reads a response in pieces. @returns a line for each event, the pieces of the body joined. */
function read(bytes: Uint8Array, sizes: Iterable<number>, options?: ResponseReaderOptions): string[] {
  const reader = new ResponseReader(options);
  const log: string[] = [];
  let body = '';
  const add = (line: string): void => {
    if (body !== '') log.push(`body ${body}`);
    body = '';
    log.push(line);
  };
  const takeEvents = (): void => {
    for (let event; (event = reader.nextEvent()) !== NEED_DATA;) {
      if (event.type === 'response-headers') {
        const fields = event.headers.map(([name, value]) => ` ${name}=${value}`);
        add(`${event.status} ${event.statusText}${fields.join('')}`);
      } else if (event.type === 'response-end') add('end');
      else body += show(event.data);
    }
  };
  try {
    for (const chunk of cut(bytes, sizes)) {
      reader.receiveData(chunk);
      takeEvents();
    }
    reader.receiveData(null);
    takeEvents();
  } catch (error) {
    if (!isScgiError(error)) throw error;
    add(describeFault(error));
  }
  return log;
}
