import { FOREIGN_PROTOCOL_ADVICE, foreignProtocolOf } from '../../../lib/core/request/netstring-length.js';

const code = (character: string): number => character.charCodeAt(0);

describe('foreignProtocolOf', () => {
  it.each([
    ['a capital, as HTTP methods have', code('G'), 'http'],
    ['the first capital', code('A'), 'http'],
    ['the last capital', code('Z'), 'http'],
    ['the first byte of a TLS handshake', 0x16, 'tls'],
    ['the first byte of a uwsgi packet', 0, 'uwsgi'],
    ['the character before the capitals', code('@'), undefined],
    ['the character after the capitals', code('['), undefined],
    ['a small letter', code('g'), undefined],
    ['a digit, as SCGI has', code('7'), undefined],
    ['the byte before that of TLS', 0x15, undefined],
    ['the byte after that of TLS', 0x17, undefined],
    ['the highest byte', 0xff, undefined],
  ])('should recognise %s', (_name, byte, expected) => {
    expect(foreignProtocolOf(byte)).toBe(expected);
  });

  it('should have advice for each protocol that it recognizes', () => {
    const known = new Set(Array.from({ length: 256 }, (_, byte) => foreignProtocolOf(byte)));
    known.delete(undefined);
    expect(Object.keys(FOREIGN_PROTOCOL_ADVICE).sort()).toEqual([...known].sort());
  });
});
