import { of } from 'rxjs';
import { encodeScgi } from '../../../lib/operators/encode-scgi.js';
import { clientRedirect, localRedirect } from '../../../lib/operators/makers/redirects.js';
import type { ScgiResponse } from '../../../lib/operators/types.js';
import { show } from '../../helpers/wire/wire.js';

describe('localRedirect', () => {
  it('should make a response that contains only the path', () => {
    expect(bytesOf(localRedirect('/other?a=b'))).toBe('Location: /other?a=b\r\n\r\n');
  });

  it.each(['', 'other', 'http://example.com/', '//example.com/', '/\\example.com/', '/\t/example.com/'])(
    'should throw a TypeError for %j, which is not a path on this server',
    (path) => {
      expect(() => localRedirect(path)).toThrow(TypeError);
    },
  );
});

describe('clientRedirect', () => {
  it('should make a 302 by default', () => {
    expect(bytesOf(clientRedirect('http://example.com/a'))).toBe(
      'Status: 302 Found\r\nLocation: http://example.com/a\r\nContent-Length: 0\r\n\r\n',
    );
  });

  it('should take a URL', () => {
    expect(clientRedirect(new URL('http://example.com/a b')).headers).toEqual([
      ['Location', 'http://example.com/a%20b'],
    ]);
  });

  it('should send even a path to the client, as its status is explicit', () => {
    expect(bytesOf(clientRedirect('/other'))).toMatch(/^Status: 302 Found\r\nLocation: \/other\r\n/);
  });

  it.each([
    [201, 'Created'],
    [300, 'Multiple Choices'],
    [301, 'Moved Permanently'],
    [303, 'See Other'],
    [307, 'Temporary Redirect'],
    [308, 'Permanent Redirect'],
    [399, 'Status'],
  ])('should make a %d', (status, reason) => {
    expect(bytesOf(clientRedirect('/', status))).toMatch(new RegExp(`^Status: ${status} ${reason}\\r\\n`));
  });

  it.each([200, 202, 299, 400, NaN])('should throw a RangeError for a status of %d', (status) => {
    expect(() => clientRedirect('/', status)).toThrow(RangeError);
  });

  it.each([
    ['a record', { 'Content-Type': 'text/plain', 'Set-Cookie': ['a=1', 'b=2'] }],
    [
      'pairs',
      [
        ['Content-Type', 'text/plain'],
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ] as [string, string][],
    ],
  ])('should add the document and its headers, given as %s', (_, headers) => {
    expect(bytesOf(clientRedirect('/', 303, { headers, body: 'moved' }))).toBe(
      'Status: 303 See Other\r\nContent-Type: text/plain\r\nLocation: /\r\n' +
        'Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 5\r\n\r\nmoved',
    );
  });

  it('should keep the status over one that a document happens to have', () => {
    const document: ScgiResponse = { status: 200, body: 'moved' };
    expect(clientRedirect('/', 302, document).status).toBe(302);
  });
});

function bytesOf(response: ScgiResponse): string {
  let text = '';
  of(response)
    .pipe(encodeScgi())
    .subscribe((bytes) => (text += show(bytes)));
  return text;
}
