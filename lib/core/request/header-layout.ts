/**
 * The names of a header block in their order, remembered: a gateway sends the same ones again and again.
 *
 * A name that came in this place before need not be cut out, hashed and put into a map of the request's own, and is known to be
 * distinct from those before it: BENCHMARKS.md says what that gains.
 */
import { decodeLatin1, encodeLatin1 } from '../latin1.js';

const NUL = '\0';

/** What a name takes beside its letters, about: its layout, and its entry in two maps. */
const NAME_BYTES = 400;

/** Bounds of what is remembered: of one block, and in all. */
const MAX_BLOCK_BYTES = 262_144;
const MAX_REMEMBERED_BYTES = 4_194_304;

/** Of so many blocks of new kinds, one is learnt: that costs more than to parse it, and a kind that matters comes again. */
const BLOCKS_A_LESSON = 64;

/** Names in their order, as the end of a path: a tree, as most blocks begin alike. */
export class HeaderLayout {
  /** Each name's place in the order, where a block has ended. */
  order: ReadonlyMap<string, number> | undefined;
  private followers: Map<string, HeaderLayout> | undefined;
  /** The follower that came last. */
  private expected: HeaderLayout | undefined;

  /** @param key - the last of the names, with its NUL. */
  constructor(readonly key = '') {}

  /**
   * The layout with one more name.
   *
   * @param bytes - what the block is in.
   * @param start - where in it the name begins; the block ends with NUL somewhere behind it.
   * @returns `undefined` when it is not remembered.
   */
  with(bytes: Uint8Array, start: number): HeaderLayout | undefined {
    const { expected } = this;
    if (expected !== undefined && isAt(expected.key, bytes, start)) return expected;
    const follower = this.followers?.get(decodeLatin1(bytes, start, bytes.indexOf(0, start) + 1));
    if (follower !== undefined) this.expected = follower;
    return follower;
  }

  /** As `with`, and remembers it. @param slice - the name, with its NUL. */
  learn(slice: string): HeaderLayout {
    this.followers ??= new Map<string, HeaderLayout>();
    let follower = this.followers.get(slice);
    if (follower === undefined) {
      // A copy: what is cut out of a text keeps all of it.
      follower = new HeaderLayout(decodeLatin1(encodeLatin1(slice)));
      this.followers.set(follower.key, follower);
    }
    this.expected = follower;
    return follower;
  }
}

let root = new HeaderLayout();
let rememberedBytes = 0;
let blocksToLesson = 0;

/** The layout without a name. */
export function emptyLayout(): HeaderLayout {
  return root;
}

/** To be called with the names of each block that is not remembered, when it has been found right. */
export function learnLayout(names: ReadonlyMap<string, unknown>): void {
  if (blocksToLesson > 0) {
    blocksToLesson--;
    return;
  }
  let bytes = 0;
  for (const name of names.keys()) bytes += NAME_BYTES + name.length;
  // The lesson is the next block's.
  if (bytes > MAX_BLOCK_BYTES) return;
  blocksToLesson = BLOCKS_A_LESSON - 1;
  rememberedBytes += bytes;
  if (rememberedBytes > MAX_REMEMBERED_BYTES) {
    // All is forgotten: what has filled the room may have come once.
    root = new HeaderLayout();
    rememberedBytes = bytes;
  }
  const order = new Map<string, number>();
  let layout = root;
  for (const name of names.keys()) {
    layout = layout.learn(name + NUL);
    order.set(layout.key.slice(0, -NUL.length), order.size);
  }
  layout.order = order;
}

/** A loop, as names are short: a call into the engine costs more than to look at each of their bytes. */
function isAt(key: string, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < key.length; index++) {
    if (bytes[start + index] !== key.charCodeAt(index)) return false;
  }
  return true;
}
