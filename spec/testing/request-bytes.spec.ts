import { of } from 'rxjs';
import { decodeScgiEvents, isScgiError, type ReaderOptions } from '../../lib/index.js';
import { requestBytes, textOf, type TestRequest } from '../../lib/testing/index.js';
import { show, wire } from '../helpers/wire/wire.js';

/** What the reader makes of a request. */
function read(
  request: TestRequest,
  options?: ReaderOptions,
): { variables: Record<string, string>; body: string } {
  let variables: Record<string, string> = {};
  let body = '';
  of(requestBytes(request))
    .pipe(decodeScgiEvents({ strict: true, ...options }))
    .subscribe((event) => {
      if (event.type === 'request-headers') variables = Object.fromEntries(event.variables);
      else if (event.type === 'request-body') body += textOf(event.data);
    });
  return { variables, body };
}

function codeOf(request: TestRequest): string | undefined {
  let code: string | undefined;
  of(requestBytes(request))
    .pipe(decodeScgiEvents({ strict: true }))
    .subscribe({ error: (error: unknown) => (code = isScgiError(error) ? error.code : String(error)) });
  return code;
}

describe('requestBytes', () => {
  it('should give what a gateway sends for a GET, by default', () => {
    const block =
      'CONTENT_LENGTH␀0␀SCGI␀1␀REQUEST_METHOD␀GET␀REQUEST_URI␀/␀QUERY_STRING␀␀SERVER_PROTOCOL␀HTTP/1.1␀';
    expect(show(requestBytes())).toBe(`${block.length}:${block},`);
  });

  it('should give the example of the specification, byte for byte', () => {
    const bytes = requestBytes({
      method: 'POST',
      uri: '/deepthought',
      body: 'What is the answer to life?',
      variables: { QUERY_STRING: undefined, SERVER_PROTOCOL: undefined },
    });
    const block = 'CONTENT_LENGTH␀27␀SCGI␀1␀REQUEST_METHOD␀POST␀REQUEST_URI␀/deepthought␀';
    expect(bytes).toEqual(wire(`70:${block},What is the answer to life?`));
  });

  it('should take the query from the URI', () => {
    expect(read({ uri: '/a?b=1?c#d' }).variables).toMatchObject({
      REQUEST_URI: '/a?b=1?c#d',
      QUERY_STRING: 'b=1?c#d',
    });
  });

  it('should count and send the body, text as UTF-8 and bytes as they are', () => {
    expect(read({ body: 'žluť' })).toMatchObject({ variables: { CONTENT_LENGTH: '6' }, body: 'žluť' });
    expect(read({ body: Uint8Array.of(0x68, 0x69) })).toMatchObject({ body: 'hi' });
  });

  describe('headers', () => {
    const expected = { HTTP_X_KIND: 'a, b', HTTP_COOKIE: 'c=1; d=2', CONTENT_TYPE: 'text/plain' };

    it('should become HTTP_* and CONTENT_TYPE, repeated ones joined, from a record', () => {
      const headers = { 'X-Kind': ['a', 'b'], cookie: ['c=1', 'd=2'], 'Content-Type': 'text/plain' };
      expect(read({ headers }).variables).toMatchObject(expected);
    });

    it('should become the same from pairs', () => {
      const headers: [string, string][] = [
        ['x-kind', 'a'],
        ['Cookie', 'c=1'],
        ['content-type', 'text/plain'],
        ['X-Kind', 'b'],
        ['cookie', 'd=2'],
      ];
      expect(read({ headers }).variables).toMatchObject(expected);
    });

    it('should become the same from Headers, which join cookies by commas', () => {
      const headers = new Headers({ 'x-kind': 'a', 'content-type': 'text/plain' });
      headers.append('x-kind', 'b');
      expect(read({ headers }).variables).toMatchObject({ HTTP_X_KIND: 'a, b', CONTENT_TYPE: 'text/plain' });
    });

    it('should leave CONTENT_TYPE before all HTTP_*, as gateways do', () => {
      const headers = { Accept: '*/*', 'Content-Type': 'text/plain' };
      expect(Object.keys(read({ headers }).variables).slice(-2)).toEqual(['CONTENT_TYPE', 'HTTP_ACCEPT']);
    });

    it('should override the length of the body by Content-Length', () => {
      expect(codeOf({ headers: { 'Content-Length': '4' }, body: 'abc' })).toBe('ERR_SCGI_PREMATURE_EOF');
    });
  });

  describe('variables', () => {
    it('should replace in place, and add at the end', () => {
      const variables = { SCGI: '2', REMOTE_ADDR: '192.0.2.1' };
      expect(show(requestBytes({ variables }))).toContain(
        'CONTENT_LENGTH␀0␀SCGI␀2␀REQUEST_METHOD␀GET␀REQUEST_URI␀/␀QUERY_STRING␀␀' +
          'SERVER_PROTOCOL␀HTTP/1.1␀REMOTE_ADDR␀192.0.2.1␀,',
      );
    });

    it('should repeat a name that comes twice in pairs', () => {
      const variables: [string, string][] = [
        ['HTTP_A', '1'],
        ['HTTP_A', '2'],
      ];
      expect(read({ variables }, { lenientDuplicates: true }).variables).toMatchObject({ HTTP_A: '1, 2' });
    });

    it('should carry bytes from 80 to ff as they are', () => {
      expect(read({ variables: { X: '\x80\xff' } }).variables).toMatchObject({ X: '\x80\xff' });
    });

    it.each([
      { code: 'ERR_SCGI_VERSION_MISSING', variables: { SCGI: undefined } },
      { code: 'ERR_SCGI_VERSION_UNSUPPORTED', variables: { SCGI: '2' } },
      { code: 'ERR_SCGI_CONTENT_LENGTH_MISSING', variables: { CONTENT_LENGTH: undefined } },
      { code: 'ERR_SCGI_CONTENT_LENGTH_INVALID', variables: { CONTENT_LENGTH: '-1' } },
      { code: 'ERR_SCGI_CONTENT_LENGTH_MISMATCH', variables: { HTTP_CONTENT_LENGTH: '9' } },
      { code: 'ERR_SCGI_PREMATURE_EOF', variables: { CONTENT_LENGTH: '9' } },
      { code: 'ERR_SCGI_HEADER_NAME_EMPTY', variables: { '': 'x' } },
      { code: 'ERR_SCGI_HEADER_DUPLICATE', variables: [['A', '1'] as const, ['A', '1'] as const] },
    ])('should make a request with $code', ({ code, variables }) => {
      expect(codeOf({ variables })).toBe(code);
    });
  });

  it.each(['a\0b', 'č'])('should refuse %j, which no header can carry', (text) => {
    expect(() => requestBytes({ uri: text })).toThrow(TypeError);
    expect(() => requestBytes({ headers: { 'X-A': text } })).toThrow(TypeError);
    expect(() => requestBytes({ variables: { [text]: '' } })).toThrow(TypeError);
  });

  it('should refuse a body that is neither text nor bytes', () => {
    expect(() => requestBytes({ body: { a: 1 } as unknown as string })).toThrow(TypeError);
  });
});
