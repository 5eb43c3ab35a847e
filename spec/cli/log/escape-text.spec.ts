import { escapeField, escapeJson, escapeQuoted } from '../../../lib/cli/log/escape-text.js';

describe('escapeQuoted', () => {
  it.each([
    ['plain ~text', 'plain ~text'],
    ['a"b\\c', 'a\\"b\\\\c'],
    ['a\r\nb\0\t\u001b[2J\u007f', 'a\\x0d\\x0ab\\x00\\x09\\x1b[2J\\x7f'],
    // 80..9f control terminals as well; what is beyond ASCII has no known charset.
    ['\u009b31m\u00e9', '\\x9b31m\\xe9'],
    ['\u2028\ud83d', '\\u2028\\ud83d'],
  ])('should escape %j so that it stays between its quotes', (text, escaped) => {
    expect(escapeQuoted(text)).toBe(escaped);
  });
});

describe('escapeField', () => {
  it('should leave no space, and write a hyphen for an empty field', () => {
    expect(escapeField('::1')).toBe('::1');
    expect(escapeField('a b" - -')).toBe('a\\x20b\\"\\x20-\\x20-');
    expect(escapeField('')).toBe('-');
  });
});

describe('escapeJson', () => {
  it('should return JSON of the same value without characters that control a terminal', () => {
    const value = { uri: '/a"b\\c\n\u001b\u007f\u009b\u2028é' };
    const json = escapeJson(value);
    expect(json).toMatch(/^[\x20-\x7eé]+$/);
    expect(JSON.parse(json)).toEqual(value);
  });

  it.each([
    ['a soft hyphen', '\u00ad', '\\u00ad'],
    ['what turns the direction of writing', '\u202e', '\\u202e'],
    ['a byte order mark', '\ufeff', '\\ufeff'],
    ['a space outside ASCII', '\u00a0', '\\u00a0'],
    ['a tag beyond the first plane', '\u{e0041}', '\\udb40\\udc41'],
    ['an unassigned character', '\u0378', '\\u0378'],
    ['half of a pair', '\ud83d', '\\ud83d'],
  ])('should escape %s', (_what, character, escaped) => {
    const json = escapeJson({ uri: character });
    expect(json).toBe(`{"uri":"${escaped}"}`);
    expect(JSON.parse(json)).toEqual({ uri: character });
  });

  it('should keep words and symbols of any language', () => {
    expect(escapeJson({ text: 'größer 日本 𠮷 € 😀' })).toBe('{"text":"größer 日本 𠮷 € 😀"}');
  });
});
