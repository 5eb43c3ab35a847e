import { textOf } from '../../lib/testing/index.js';

describe('textOf', () => {
  it.each([
    { bytes: [], text: '' },
    { bytes: [0x68, 0x69], text: 'hi' },
    { bytes: [0xc5, 0xbe], text: 'ž' },
    { bytes: [0xef, 0xbb, 0xbf, 0x61], text: '\ufeffa' },
    { bytes: [0x61, 0xff], text: 'a\ufffd' },
  ])('should read $bytes as $text', ({ bytes, text }) => {
    expect(textOf(Uint8Array.from(bytes))).toBe(text);
  });
});
