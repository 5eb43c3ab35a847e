import { everyCut, responseOf, textOf } from '../../lib/testing/index.js';
import { wire } from '../helpers/wire/wire.js';

describe('responseOf', () => {
  it('should give status, headers and body', () => {
    const { status, headers, body } = responseOf(
      wire(
        'Status: 404 Not Found\r\nContent-Type: text/plain\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\nno\r\n\r\n',
      ),
    );
    expect(status).toBe(404);
    expect([...headers]).toEqual([
      ['content-type', 'text/plain'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]);
    expect(headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(textOf(body)).toBe('no\r\n\r\n');
  });

  it('should take the bytes in several arrays', () => {
    const bytes = wire('Status: 404 Not Found\r\n\r\nno');
    for (const chunks of [...everyCut(bytes), new Set([bytes])]) {
      const { status, body } = responseOf(chunks);
      expect([status, textOf(body)]).toEqual([404, 'no']);
    }
    expect(() => responseOf([])).toThrow(SyntaxError);
  });

  it.each([
    { kind: 'LF', text: 'Status: 201\nX-A: b\n\nbody\n' },
    { kind: 'CRLF', text: 'Status: 201 Created\r\nX-A: b\r\n\r\nbody\n' },
    { kind: 'both', text: 'Status: 201\r\nX-A: b\n\r\nbody\n' },
    { kind: 'spaces around values', text: 'Status:   201 Created \nX-A:\tb\t\n\nbody\n' },
    { kind: 'a status line', text: 'HTTP/1.0 201 Created\r\nX-A: b\r\n\r\nbody\n' },
    { kind: 'a status line without a reason', text: 'HTTP/1.1 201\r\nX-A: b\r\n\r\nbody\n' },
    { kind: 'the status last, in small letters', text: 'X-A: b\nstatus: 201\n\nbody\n' },
  ])('should read a head with $kind', ({ text }) => {
    const { status, headers, body } = responseOf(wire(text));
    expect([status, [...headers], textOf(body)]).toEqual([201, [['x-a', 'b']], 'body\n']);
  });

  it.each([
    { text: 'X-A: b\n\n', status: 200 },
    { text: '\n', status: 200 },
    { text: '\r\nX-A: this is the body', status: 200 },
    { text: 'Location: /elsewhere\n\n', status: 302 },
    { text: 'Location: /elsewhere\nStatus: 201\n\n', status: 201 },
  ])('should take $text for a $status', ({ text, status }) => {
    expect(responseOf(wire(text)).status).toBe(status);
  });

  it('should decode values as ISO-8859-1', () => {
    expect(responseOf(wire('X-A: \xe9\n\n')).headers.get('x-a')).toBe('\xe9');
  });

  it.each([
    { fault: 'nothing', text: '' },
    { fault: 'no empty line', text: 'Status: 200\r\nX-A: b\r\n' },
    { fault: 'no line end', text: 'Status: 200' },
    { fault: 'a line without a colon', text: 'Status: 200\nX-A\n\n' },
    { fault: 'a line without a name', text: ': b\n\n' },
    { fault: 'a space before the colon', text: 'X-A : b\n\n' },
    { fault: 'a folded line', text: 'X-A: b\n c\n\n' },
    { fault: 'a folded line that looks like a field', text: 'X-A: b\n X-C: d\n\n' },
    { fault: 'NUL', text: 'X-A: b␀\n\n' },
    { fault: 'a bare CR', text: 'X-A: b\rX-C: d\n\n' },
    { fault: 'two statuses', text: 'Status: 200\nStatus: 200\n\n' },
    { fault: 'a status line and a status', text: 'HTTP/1.1 200 OK\nStatus: 200\n\n' },
    { fault: 'a status of two digits', text: 'Status: 20\n\n' },
    { fault: 'a status of four digits', text: 'Status: 2000\n\n' },
    { fault: 'a status without a number', text: 'Status: OK\n\n' },
    { fault: 'a status line in the middle', text: 'X-A: b\nHTTP/1.1 200 OK\n\n' },
  ])('should throw for $fault', ({ text }) => {
    expect(() => responseOf(wire(text))).toThrow(SyntaxError);
  });

  it('should name the line that is wrong', () => {
    expect(() => responseOf(wire('Status: 200\r\nX A: b\r\n\r\n'))).toThrow('"X A: b"');
  });
});
