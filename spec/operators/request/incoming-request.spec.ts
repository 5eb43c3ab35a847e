import { GATEWAY_VARIABLES } from '../../helpers/sockets/outgoing/gateway-variables.js';
import { requestWith, requestOf } from '../../helpers/wire/requests.js';
import { show } from '../../helpers/wire/wire.js';

describe('a request', () => {
  it.each(Object.entries(GATEWAY_VARIABLES))('should be read from the variables of %s', (name, variables) => {
    const request = requestOf(variables);
    const port = name === 'nginx' ? '' : ':8080';
    expect({
      method: request.method,
      path: request.path,
      query: request.query,
      url: request.url.href,
      remoteAddress: request.remoteAddress,
      contentLength: request.contentLength,
      headers: Object.fromEntries(request.headers),
    }).toEqual({
      method: 'POST',
      path: '/app/a%20b/%C3%A9;p',
      query: 'x=1%2F2&y=%26',
      url: `http://example.com${port}/app/a%20b/%C3%A9;p?x=1%2F2&y=%26`,
      remoteAddress: '127.0.0.1',
      contentLength: 5,
      headers: {
        connection: 'close',
        'content-length': '5',
        'content-type': 'text/plain',
        cookie: 'a=1',
        host: `example.com${port}`,
        'x-a': 'b',
      },
    });
  });

  it.each(Object.entries(GATEWAY_VARIABLES))(
    'should find the path without the REQUEST_URI of %s',
    (_, variables) => {
      const { REQUEST_URI: uri, ...others } = variables;
      const { path, query } = requestOf(others);
      expect(`${path}?${query}`).toBe(uri);
    },
  );

  it('should be a GET without an address by default', () => {
    const { method, remoteAddress, contentLength } = requestWith({});
    expect({ method, remoteAddress, contentLength }).toEqual({
      method: 'GET',
      remoteAddress: undefined,
      contentLength: 0,
    });
    expect(requestWith({ REMOTE_ADDR: '' }).remoteAddress).toBeUndefined();
    expect(requestWith({ REQUEST_METHOD: '' }).method).toBe('GET');
  });

  it('should have no address when the client connected over a Unix socket', () => {
    expect(requestWith({ REMOTE_ADDR: 'unix:' }).remoteAddress).toBeUndefined();
    expect(requestWith({ REMOTE_ADDR: 'unix:/run/x' }).remoteAddress).toBeUndefined();
    expect(requestWith({ REMOTE_ADDR: '::1' }).remoteAddress).toBe('::1');
  });

  it('should keep every variable, whatever its name', () => {
    const { variables } = requestWith({ HTTP_PROXY: 'http://evil/', ['__proto__']: 'a', constructor: 'b' });
    expect([...variables]).toEqual([
      ['CONTENT_LENGTH', '0'],
      ['SCGI', '1'],
      ['HTTP_PROXY', 'http://evil/'],
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });

  it('should have the same headers, URL and body each time it is asked', () => {
    const request = requestWith({});
    expect(request.headers).toBe(request.headers);
    expect(request.url).toBe(request.url);
    expect(request.body).toBe(request.body);
  });

  it('should take the larger HTTP_CONTENT_LENGTH for contentLength where that is lenient', () => {
    const request = requestWith({ HTTP_CONTENT_LENGTH: '5' }, { lenientContentLength: true });
    expect(request.contentLength).toBe(5);
    expect(request.headers.get('content-length')).toBe('5');
    expect(show(request.variables.bytes('CONTENT_LENGTH')!)).toBe('0');
  });
});

describe('request.headers', () => {
  const headersWith = (variables: Record<string, string>) =>
    Object.fromEntries(requestWith(variables).headers);

  it('should have the HTTP_* variables, underscores as hyphens, and the length', () => {
    expect(headersWith({ HTTP_ACCEPT_LANGUAGE: 'de', HTTP_DNT: '1', SERVER_NAME: 'a' })).toEqual({
      'accept-language': 'de',
      dnt: '1',
      'content-length': '0',
    });
  });

  it.each(['HTTP_PROXY', 'HTTP_Proxy', 'HTTP_proxy'])('should not have %s (httpoxy)', (name) => {
    expect(headersWith({ [name]: 'http://evil/' })).toEqual({ 'content-length': '0' });
  });

  it('should have fields that only look like Proxy', () => {
    expect(headersWith({ HTTP_PROXY_CONNECTION: 'a', HTTP_X_PROXY: 'b' })).toEqual({
      'proxy-connection': 'a',
      'x-proxy': 'b',
      'content-length': '0',
    });
  });

  it.each([
    ['the variable', { CONTENT_TYPE: 'text/plain' }, 'text/plain'],
    [
      'the variable, before the field',
      { CONTENT_TYPE: 'text/plain', HTTP_CONTENT_TYPE: 'a/b' },
      'text/plain',
    ],
    ['the field, when the variable is empty', { CONTENT_TYPE: '', HTTP_CONTENT_TYPE: 'a/b' }, 'a/b'],
    ['nothing, when the variable is empty', { CONTENT_TYPE: '' }, undefined],
  ])('should take the content type from %s', (_, variables, expected) => {
    expect(headersWith(variables)['content-type']).toBe(expected);
  });

  it('should have the length of the body, not what HTTP_CONTENT_LENGTH says', () => {
    expect(headersWith({ HTTP_CONTENT_LENGTH: 'many' })['content-length']).toBe('0');
  });

  it('should omit what is not a field, and keep the rest', () => {
    const variables = { 'HTTP_A B': '1', HTTP_: '2', HTTP_C: 'a\nb', HTTP_D: '\xff', HTTP_E: '' };
    expect(headersWith(variables)).toEqual({ d: '\xff', e: '', 'content-length': '0' });
  });

  it('should treat __proto__ as a field like others', () => {
    expect(requestWith({ HTTP___PROTO__: 'a' }).headers.get('--proto--')).toBe('a');
  });

  it.each([
    ['7', '7'],
    ['Å¾ 7', 'ž 7'],
    ['ï»¿x', '\ufeffx'],
    ['', ''],
    ['\xff', '\ufffd'],
  ])('should have the last event id as UTF-8: %j', (value, id) => {
    expect(requestWith({ HTTP_LAST_EVENT_ID: value }).lastEventId).toBe(id);
  });

  it('should have no last event id without the header', () => {
    expect(requestWith({}).lastEventId).toBeUndefined();
  });
});
