/** Where the memory for a response comes from. */

/** Gives bytes to be written to, all of them. */
export type Allocate = (length: number) => Uint8Array;

/** A buffer for each: whoever gets it may do with it what he likes, transfer it even. */
export const newBytes: Allocate = (length) => new Uint8Array(length);
