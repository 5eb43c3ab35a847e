/** As much of `node:assert/strict` as the cases of the runtimes use. */
/* global expect -- made by expect.mjs */

export const deepStrictEqual = (actual, expected) => expect(actual).toStrictEqual(expected);
export const strictEqual = (actual, expected) => expect(actual).toBe(expected);
export const ok = (value) => expect(Boolean(value)).toBe(true);
