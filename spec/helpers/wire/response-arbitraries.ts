import * as fc from 'fast-check';

type Pair = [name: string, value: string];

const TOKEN_CHARACTERS = Array.from("!#$%&'*+-.^_`|~0123456789ABCXYZabcxyz");

/** Those that are refused, those that the writer itself makes, and that which changes the kind of response. */
const RESERVED =
  /^(connection|keep-alive|proxy-auth.*|te|trailers?|transfer-encoding|upgrade|status|location|content-(length|type))$/i;

/** A field's value: any bytes without control characters, except the tab. */
const fieldValue = fc
  .array(fc.integer({ min: 0, max: 255 }), { maxLength: 20 })
  .map((codes) =>
    String.fromCharCode(...codes.filter((code) => (code >= 0x20 && code !== 0x7f) || code === 9)),
  );

const fieldName = fc.oneof(
  fc.constantFrom('Set-Cookie', 'ETag', 'X-A'),
  fc.string({ unit: fc.constantFrom(...TOKEN_CHARACTERS), minLength: 1, maxLength: 12 }),
);

/** Fields that may stand in a document response, names repeated now and then. */
export const fields: fc.Arbitrary<Pair[]> = fc
  .array(fc.tuple(fieldName, fieldValue), { maxLength: 6 })
  .map((pairs) => pairs.filter(([name]) => !RESERVED.test(name)));

/** Text with all that could split a response, or that ISO-8859-1 turns into it: U+010D U+010A is written as 0d 0a. */
export const hostileText = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...Array.from('\r\n\0:; aZ0'), '\u010d', '\u010a', '\u0100', '\u{1f36a}', '\ud800'),
    fc.integer({ min: 0, max: 0x17f }).map((code) => String.fromCharCode(code)),
  ),
  maxLength: 12,
});
