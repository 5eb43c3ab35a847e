import { STATUS_CODES } from 'node:http';
import { reasonPhraseOf } from '../../../lib/core/response/reason-phrases.js';

/** What RFC 9110 has renamed, which Node.js knows by the old name. */
const RENAMED: Readonly<Record<number, string>> = { 413: 'Content Too Large', 422: 'Unprocessable Content' };

/** What IANA lists as unused or obsolete. */
const UNREGISTERED = ['418', '509', '510'];

describe('reasonPhraseOf', () => {
  const codes = Object.keys(STATUS_CODES).filter(
    (code) => Number(code) >= 200 && !UNREGISTERED.includes(code),
  );

  it.each(codes.map(Number))('should have the registered phrase of %i', (code) => {
    expect(reasonPhraseOf(code)).toBe(RENAMED[code] ?? STATUS_CODES[code]);
  });

  it('should have a generic text for any other', () => {
    expect([299, 418, 599].map(reasonPhraseOf)).toEqual(['Status', 'Status', 'Status']);
  });
});
