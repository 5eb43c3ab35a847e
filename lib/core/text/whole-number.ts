/** Reads a whole number from text. */

const ZERO = 0x30;

/**
 * Returns what decimal digits say, up to 2^53-1, or `undefined` for anything else. Leading zeros are legal. A loop, as a regular
 * expression and `Number`, which takes 1e3, 0x10 and blanks for numbers, cost more.
 */
export function wholeNumber(text: string): number | undefined {
  let value = 0;
  for (let index = 0; index < text.length; index++) {
    const digit = text.charCodeAt(index) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return text !== '' && Number.isSafeInteger(value) ? value : undefined;
}
