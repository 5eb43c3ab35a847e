/** Header blocks, as they are handed on before and while they are parsed. */

/** Where a header block is, without its length and its comma: in `bytes`, from `start` to `end`, at least 1 byte. */
export interface BlockPlace {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Where it begins in the connection, for errors. */
  readonly offset: number;
}

/** A block, and all of it as ISO-8859-1. */
export interface HeaderBlock {
  readonly place: BlockPlace;
  readonly text: string;
}
