/** Which methods and URIs can be sent. */
import { of } from 'rxjs';
import { encodeScgiRequest, type ScgiRequestInit } from '../../lib/index.js';
import { errorFacts } from '../helpers/virtual-time/marbles.js';

/** `complete`, or the facts of the error. */
function endOf(request: ScgiRequestInit): unknown {
  let end: unknown;
  of(request)
    .pipe(encodeScgiRequest())
    .subscribe({
      error: (error: unknown) => (end = errorFacts(error)),
      complete: () => (end = 'complete'),
    });
  return end;
}

describe('the request line of encodeScgiRequest', () => {
  it.each<ScgiRequestInit>([
    ...['', 'GE T', 'GET\r\n', 'G\0', 'GÉT', '/'].map((method) => ({ method })),
    ...['', '/a b', '/a\tb', '/\r\n', '/\0', '/\x7f', '/?a b'].map((uri) => ({ uri })),
  ])('should refuse %j, which no web server could send', (request) => {
    expect(endOf(request)).toEqual({ code: 'ERR_SCGI_HEADER_INVALID' });
  });

  it.each<ScgiRequestInit>([
    { method: 'get' },
    { method: 'M-SEARCH' },
    ...['*', 'RPC2', 'http://a/b', '/%20', '/\xe9', '/a#b', '/"<>\\^`{|}'].map((uri) => ({ uri })),
    { variables: { REQUEST_METHOD: 'GE T', REQUEST_URI: '' } },
  ])('should leave it to the application what to make of %j', (request) => {
    expect(endOf(request)).toBe('complete');
  });
});
