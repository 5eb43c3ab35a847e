import type { ResponseHeaders } from '../../../lib/core/events.js';
import { checkedFields, isUnsafe } from '../../../lib/core/response/response-fields.js';
import { factsThrownBy } from '../../helpers/faults/error-facts.js';

const HOP_BY_HOP = { code: 'ERR_SCGI_HEADER_HOP_BY_HOP', status: 500 };
const INVALID = { code: 'ERR_SCGI_HEADER_INVALID', status: 500 };

describe('checkedFields', () => {
  it('should return no fields for no headers', () => {
    expect([checkedFields(undefined), checkedFields({}), checkedFields([])]).toEqual([[], [], []]);
  });

  it.each<[string, ResponseHeaders]>([
    ['a record', { 'X-B': '1', 'x-a': '2' }],
    [
      'pairs',
      [
        ['X-B', '1'],
        ['x-a', '2'],
      ],
    ],
    [
      'a Map',
      new Map([
        ['X-B', '1'],
        ['x-a', '2'],
      ]),
    ],
    ['a generator', pairsOf(['X-B', '1'], ['x-a', '2'])],
  ])('should take %s, in its order and its spelling', (_name, headers) => {
    expect(pairsFrom(headers)).toEqual([
      ['X-B', '1'],
      ['x-a', '2'],
    ]);
  });

  it('should take Headers, several cookies included', () => {
    const headers = new Headers({ 'X-A': '1' });
    headers.append('Set-Cookie', 'a=1');
    headers.append('Set-Cookie', 'b=2');
    expect(pairsFrom(headers)).toEqual([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['x-a', '1'],
    ]);
  });

  it('should repeat a field for each of several values, and omit it for none', () => {
    expect(pairsFrom({ 'Set-Cookie': ['a=1', 'b=2'], 'X-A': [], 'X-B': '' })).toEqual([
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
      ['X-B', ''],
    ]);
  });

  it.each([
    ['Content-Type', 'content-type'],
    ['Content-Length', 'content-length'],
    ['Location', 'location'],
    ['X-Sendfile', 'sends-file'],
    ['X-Accel-Redirect', 'sends-file'],
    ['X-Lighttpd-Send-File', 'sends-file'],
    ['X-Content-Type', undefined],
  ])('should know %s in any spelling, and keep the spelling', (name, kind) => {
    for (const spelling of [name, name.toLowerCase(), name.toUpperCase()])
      expect(checkedFields({ [spelling]: '1' })).toEqual([{ name: spelling, value: '1', kind }]);
  });

  it('should take every character of a token in a name', () => {
    expect(pairsFrom({ "!#$%&'*+-.^_`|~09AZaz": '' })).toEqual([["!#$%&'*+-.^_`|~09AZaz", '']]);
  });

  it('should take the bytes of other charsets, and tabs, in a value', () => {
    expect(pairsFrom({ 'X-A': 'a\t\x80\xff' })).toEqual([['X-A', 'a\t\x80\xff']]);
  });

  it.each([
    'Connection',
    'Keep-Alive',
    'Proxy-Authenticate',
    'Proxy-Authorization',
    'Proxy-Connection',
    'TE',
    'Trailer',
    'Trailers',
    'Transfer-Encoding',
    'Upgrade',
  ])('should refuse %s, in any spelling, whatever its value', (name) => {
    for (const spelling of [name, name.toLowerCase(), name.toUpperCase()]) {
      expect(factsThrownBy(() => checkedFields({ [spelling]: 'x' }))).toEqual(HOP_BY_HOP);
    }
    expect(factsThrownBy(() => checkedFields({ [name]: [] }))).toEqual(HOP_BY_HOP);
    expect(factsThrownBy(() => checkedFields({ [name]: '\r\n' }))).toEqual(HOP_BY_HOP);
  });

  it('should omit hop-by-hop fields on request, and keep the others', () => {
    const headers = { 'X-A': '1', Connection: 'close', 'transfer-encoding': 'chunked', 'X-B': '2' };
    expect(checkedFields(headers, true).map(({ name }) => name)).toEqual(['X-A', 'X-B']);
  });

  it('should omit what Connection names on request', () => {
    const headers = {
      'X-A': '1',
      'X-B': ['2', '3'],
      Connection: 'close, x-b , ,X-C',
      'X-C': '4',
      'X-D': '5',
    };
    const names = ['X-A', 'X-D'];
    expect(checkedFields(headers, true).map(({ name }) => name)).toEqual(names);
    const lines = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
    expect(checkedFields(lines, true).map(({ name }) => name)).toEqual(names);
  });

  it.each(['Connection-Id', 'X-Upgrade', 'Tea'])('should take %s, which only resembles one', (name) => {
    expect(pairsFrom({ [name]: '1' })).toEqual([[name, '1']]);
  });

  it.each([
    ['empty', ''],
    ['with a space', 'X A'],
    ['with a colon', 'X:'],
    ['with CR LF', 'X\r\nY'],
    ['with NUL', 'X\0'],
    ['with a byte above 7f', 'X\xe9'],
    ['with a character above ff', 'X\u010d'],
    ['with parentheses', '(X)'],
    ['Status', 'Status'],
    ['STATUS', 'STATUS'],
  ])('should refuse a name that is %s', (_name, name) => {
    expect(factsThrownBy(() => checkedFields([[name, 'x']]))).toEqual(INVALID);
  });

  it.each<[string, readonly unknown[]]>([
    ['text, of which each character would be taken for a part', ['Content-Type: text/html']],
    ['text of two characters', ['AB']],
    ['nothing', [undefined]],
    ['a name alone', [['X-A']]],
    ['two values', [['X-A', '1', '2']]],
    ['a record', [{ 'X-A': '1' }]],
  ])('should refuse %s in place of a pair', (_name, headers) => {
    expect(factsThrownBy(() => checkedFields(headers as never))).toEqual(INVALID);
  });

  it.each([
    ['CR', 'a\rb'],
    ['LF', 'a\nb'],
    ['NUL', 'a\0b'],
    ['CR LF at its end', 'a\r\n'],
    ['ESC', 'a\x1b[31m'],
    ['a backspace', 'a\bb'],
    ['DEL', 'a\x7f'],
    ['U+010D and U+010A, which ISO-8859-1 writes as CR LF', 'a\u010d\u010aSet-Cookie: x=1'],
    ['a character above ff', '\u0100'],
    ['a character beyond the BMP', '\u{1f36a}'],
  ])('should refuse a value with %s, alone or among several', (_name, value) => {
    expect(factsThrownBy(() => checkedFields({ 'X-A': value }))).toEqual(INVALID);
    expect(factsThrownBy(() => checkedFields({ 'X-A': ['fine', value] }))).toEqual(INVALID);
  });

  it.each([[1], [null], [undefined], [{}], [new Date(0)]])('should refuse %p as a value', (value) => {
    expect(factsThrownBy(() => checkedFields({ 'X-A': value as string }))).toEqual(INVALID);
  });
});

describe('checkedFields, of headers of the wrong shape,', () => {
  it.each<[string, unknown]>([
    ['a name that is a number', [[1, 'x']]],
    ['a name that is a Symbol', [[Symbol('x'), 'x']]],
    ['a string', 'X-A: 1'],
    ['null', null],
    ['a number', 5],
  ])('should refuse %s', (_name, headers) => {
    expect(factsThrownBy(() => checkedFields(headers as ResponseHeaders))).toEqual(INVALID);
  });
});

describe('isUnsafe', () => {
  it('should be true only for control characters except the tab, and for characters above ff', () => {
    const unsafe = Array.from({ length: 0x300 }, (_, code) => code).filter((code) =>
      isUnsafe(String.fromCharCode(code)),
    );
    const control = Array.from({ length: 0x20 }, (_, code) => code).filter((code) => code !== 9);
    const above = Array.from({ length: 0x200 }, (_, index) => 0x100 + index);
    expect(unsafe).toEqual([...control, 0x7f, ...above]);
  });
});

function* pairsOf(...pairs: [string, string][]): Generator<[string, string]> {
  yield* pairs;
}

function pairsFrom(headers: ResponseHeaders | undefined): [string, string][] {
  return checkedFields(headers).map(({ name, value }) => [name, value]);
}
