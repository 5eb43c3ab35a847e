import { defer, of } from 'rxjs';
import { encodeScgi } from '../../../lib/operators/encode-scgi.js';
import { html, json, text } from '../../../lib/operators/makers/response-makers.js';
import type { ScgiResponse } from '../../../lib/operators/types.js';
import { show } from '../../helpers/wire/wire.js';

function bytesOf(response: ScgiResponse): string {
  let bytes = '';
  of(response)
    .pipe(encodeScgi())
    .subscribe((chunk) => (bytes += show(chunk)));
  return bytes;
}

function faultOf(make: () => ScgiResponse): unknown {
  let fault: unknown;
  defer(() => of(make()))
    .pipe(encodeScgi())
    .subscribe({ error: (error: unknown) => (fault = error) });
  return fault;
}

describe('json', () => {
  it.each([
    [{ a: [1, 'é'] }, '{"a":[1,"é"]}'],
    [null, 'null'],
    ['text', '"text"'],
    [0, '0'],
  ])('should write %j', (value, body) => {
    expect(json(value)).toEqual({ headers: [['Content-Type', 'application/json']], body });
  });

  it.each([[undefined], [() => 1], [Symbol('s')], [{ toJSON: () => undefined }], [1n]])(
    'should throw a TypeError for a value without JSON: %#',
    (value) => {
      expect(() => json(value)).toThrow(TypeError);
    },
  );

  it('should throw a TypeError for a circular object', () => {
    const circular: { self?: unknown } = {};
    circular.self = circular;
    expect(() => json(circular)).toThrow(TypeError);
  });
});

describe.each([
  ['json', json as (body: string, init?: object) => ScgiResponse, 'application/json', '"é"', 4],
  ['text', text, 'text/plain; charset=utf-8', 'é', 2],
  ['html', html, 'text/html; charset=utf-8', 'é', 2],
] as const)('%s', (_name, make, type, body, length) => {
  it('should be encoded with its type and its length', () => {
    const head = `Status: 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`;
    expect(bytesOf(make('é')).startsWith(head)).toBe(true);
    expect(make('é').body).toBe(body);
  });

  it.each([
    ['a record', { 'content-type': 'application/x', 'X-A': ['1', '2'] }],
    [
      'Headers',
      new Headers([
        ['Content-Type', 'application/x'],
        ['X-A', '1, 2'],
      ]),
    ],
    [
      'pairs',
      [
        ['CONTENT-TYPE', 'application/x'],
        ['X-A', '1, 2'],
      ] as [string, string][],
    ],
  ])('should keep the status and the headers, given as %s, and their Content-Type', (_how, headers) => {
    const { status, headers: fields } = make('x', { status: 201, headers });
    expect(status).toBe(201);
    const map = new Headers(fields as [string, string][]);
    expect([...map]).toEqual([
      ['content-type', 'application/x'],
      ['x-a', '1, 2'],
    ]);
  });

  it('should add its type to other headers', () => {
    expect(make('x', { headers: { 'X-A': '1' } }).headers).toEqual([
      ['Content-Type', type],
      ['X-A', '1'],
    ]);
  });

  it.each([
    ['a number', { Age: 5 }],
    ['a field without a value', { Age: undefined }],
    ['null', null],
    ['text', 'Age: 5'],
  ])('should fail with ERR_SCGI_HEADER_INVALID for headers that are or have %s', (_what, headers) => {
    const init = { headers } as unknown as ScgiResponse;
    expect(faultOf(() => make('x', init))).toMatchObject({ code: 'ERR_SCGI_HEADER_INVALID' });
  });

  it.each([
    ['an Observable', of('x')],
    ['a Promise', Promise.resolve('x')],
  ])('should throw a TypeError for %s in the place of its value', (what, value) => {
    expect(() => make(value as unknown as string)).toThrow(TypeError);
    expect(() => make(value as unknown as string)).toThrow(what);
  });
});

describe('text and html', () => {
  it.each([text, html])('should throw a TypeError for a body that is not a string', (make) => {
    for (const body of [undefined, null, 7, new Uint8Array(1)])
      expect(() => make(body as unknown as string)).toThrow(TypeError);
  });
});
