import { GatewayError } from '../../../lib/node/gateway/gateway-error.js';
import { ResponseHeadReader, type ResponseHead } from '../../../lib/node/gateway/response-head-reader.js';
import { everyCut } from '../../../lib/testing/index.js';

interface Parsed {
  readonly head: ResponseHead;
  readonly rest: string;
}

/** Reads chunks; what follows the head is in `rest`. */
function read(chunks: readonly Uint8Array[], maxHeadBytes?: number): Parsed | undefined {
  const reader = new ResponseHeadReader(maxHeadBytes);
  let head: ResponseHead | undefined;
  let rest = '';
  for (const chunk of chunks) {
    if (head) {
      rest += Buffer.from(chunk).toString('latin1');
      continue;
    }
    const whole = reader.push(chunk);
    head = whole?.head;
    rest += Buffer.from(whole?.rest ?? []).toString('latin1');
  }
  return head && { head, rest };
}

function parse(text: string): Parsed | undefined {
  return read([Buffer.from(text, 'latin1')]);
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof GatewayError) return error.code;
    throw error;
  }
  return 'none';
}

describe('ResponseHeadReader', () => {
  it.each([
    ['CRLF', 'Status: 404 Not Found\r\nX-A: 1\r\n\r\nbody'],
    ['LF', 'Status: 404 Not Found\nX-A: 1\n\nbody'],
    ['both', 'Status: 404 Not Found\r\nX-A: 1\n\r\nbody'],
    ['more blanks', 'Status:  404 Not Found \r\nX-A:\t1\t\r\n\r\nbody'],
    [
      'the fields of a connection',
      'Connection: close\nStatus: 404 Not Found\nTransfer-Encoding: x\nX-A: 1\n\nbody',
    ],
  ])('should read a head with %s, however it is cut', (_what, text) => {
    const expected = {
      head: { status: 404, reason: 'Not Found', fields: ['X-A', '1'], contentLength: undefined },
      rest: 'body',
    };
    let cuts = 0;
    for (const chunks of everyCut(Buffer.from(text, 'latin1'))) {
      expect(read(chunks)).toEqual(expected);
      cuts++;
    }
    expect(cuts).toBeGreaterThan(text.length);
  });

  it.each([
    ['X: 1\n\n', 200, undefined],
    ['Location: /x\n\n', 302, undefined],
    ['Location: http://x/\nStatus: 307\n\n', 307, undefined],
    ['Status: 299 No: such thing\n\n', 299, 'No: such thing'],
    ['HTTP/1.1 404 Not Found\nX: 1\n\n', 404, 'Not Found'],
    ['HTTP/1.0 404\n\n', 404, undefined],
  ])('should take the status from %j', (text, status, reason) => {
    expect(parse(text)?.head).toMatchObject({ status, reason });
  });

  it('should keep fields in their order, several of one name as well', () => {
    expect(parse('Set-Cookie: a\nContent-Type: t\nset-cookie: b\n\n')?.head.fields).toEqual([
      ...['Set-Cookie', 'a', 'Content-Type', 't', 'set-cookie', 'b'],
    ]);
    expect(parse('X: \u00e4\u00ff\n\n')?.head.fields).toEqual(['X', '\u00e4\u00ff']);
  });

  it('should accept one Content-Length, and another one that is equal', () => {
    expect(parse('Content-Length: 5\nContent-Length: 5\n\n')?.head).toEqual({
      status: 200,
      reason: undefined,
      fields: ['Content-Length', '5'],
      contentLength: 5,
    });
  });

  it.each([
    ['no field', 'hello\n\n'],
    ['an empty head', '\r\n\r\n'],
    ['a blank before the colon', 'X : 1\n\n'],
    ['a folded line', 'X: 1\n 2\n\n'],
    ['NUL', 'X: a\0b\n\n'],
    ['a bare CR', 'X: a\rb\n\n'],
    ['an escape', 'X: \u001b[2J\n\n'],
    ['a name that is no token', 'X(: 1\n\n'],
    ['a status of two digits', 'Status: 99\n\n'],
    ['an interim status', 'Status: 101 Switching\n\n'],
    ['a status that is none', 'Status: ok\n\n'],
    ['a status with an escape', 'HTTP/1.1 200 \u0007\n\n'],
    ['a negative Content-Length', 'Content-Length: -1\n\n'],
    ['an empty Content-Length', 'Content-Length:\n\n'],
    ['a Content-Length beyond 2^53', 'Content-Length: 9007199254740993\n\n'],
    ['two lengths', 'Content-Length: 5\nContent-Length: 6\n\n'],
  ])('should refuse %s', (_what, text) => {
    expect(codeOf(() => parse(text))).toBe('ERR_SCGI_RESPONSE_HEAD');
  });

  it('should wait for the end of the head', () => {
    expect(parse('Status: 200\r\nX: 1\r\n')).toBeUndefined();
    expect(parse('Status: 200\r\nX: 1\r\n\r')).toBeUndefined();
  });

  it('should accept a head of that many bytes, and refuse one more', () => {
    const head = `X: ${'a'.repeat(97)}`;
    for (const size of [1, 7, 1000]) {
      const chunks = (text: string): Uint8Array[] =>
        Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
          Buffer.from(text.slice(i * size, (i + 1) * size)),
        );
      expect(read(chunks(`${head}\n\nbody`), 100)?.rest).toBe('body');
      expect(codeOf(() => read(chunks(`${head}a\n\nbody`), 100))).toBe('ERR_SCGI_RESPONSE_HEAD_TOO_LARGE');
    }
  });

  it('should report whether anything arrived', () => {
    const reader = new ResponseHeadReader();
    expect(reader.empty).toBe(true);
    reader.push(Buffer.from('S'));
    expect(reader.empty).toBe(false);
  });
});
