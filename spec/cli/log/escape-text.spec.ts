import { escapeField, escapeJson, escapeMessage, escapeQuoted } from '../../../lib/cli/log/escape-text.js';

describe('escapeQuoted', () => {
  it.each([
    ['plain ~text', 'plain ~text'],
    ['a"b\\c', 'a\\"b\\\\c'],
    ['a\r\nb\0\t\u001b[2J\u007f', 'a\\x0d\\x0ab\\x00\\x09\\x1b[2J\\x7f'],
    // 80..9f control terminals as well; what is beyond ASCII has no known charset.
    ['\u009b31m\u00e9', '\\x9b31m\\xe9'],
    ['\u2028\ud83d', '\\u2028\\ud83d'],
  ])('should write %j so that it stays between its quotes', (text, escaped) => {
    expect(escapeQuoted(text)).toBe(escaped);
  });
});

describe('escapeField', () => {
  it('should leave no space, and a hyphen for nothing', () => {
    expect(escapeField('::1')).toBe('::1');
    expect(escapeField('a b" - -')).toBe('a\\x20b\\"\\x20-\\x20-');
    expect(escapeField('')).toBe('-');
  });
});

describe('escapeMessage', () => {
  it('should be one line in which nothing moves the cursor, and words are as they were', () => {
    expect(escapeMessage('größer: "日本"\n  at x\r\nnext')).toBe('größer: "日本" at x next');
    expect(escapeMessage('a\u001b[2J\u202eb\u009b')).toBe('a\\x1b[2J\\u202eb\\x9b');
  });
});

describe('escapeJson', () => {
  it('should be JSON of the same value, without characters that control a terminal', () => {
    const value = { uri: '/a"b\\c\n\u001b\u007f\u009b\u2028é' };
    const json = escapeJson(value);
    expect(json).toMatch(/^[\x20-\x7eé]+$/);
    expect(JSON.parse(json)).toEqual(value);
  });
});
