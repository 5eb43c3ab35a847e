/**
 * The names of a header block in their order, remembered: a gateway sends the same ones again and again.
 *
 * A name that came in this place before need not be cut out, hashed and put into a map of the request's own, and is known to be
 * distinct from those before it. That takes a third off the time for a typical request.
 */
import { decodeLatin1 } from './latin1.js';

const NUL = '\0';

/** Bounds of what is remembered, of which each name takes some hundred bytes: of one layout, and of all. */
const MAX_NAMES = 1000;
const MAX_NAME_BYTES = 100;
const MAX_REMEMBERED_NAMES = 8192;

/** Of so many blocks of new kinds, one is learnt: that costs more than to parse it, and a kind that matters comes again. */
const LEARNT_OF_BLOCKS = 16;

/** Names in their order: those of `before`, and one more. A tree, as most blocks begin alike. */
export class HeaderLayout {
  private followers: Map<string, HeaderLayout> | undefined;
  /** The follower that came last. */
  private expected: HeaderLayout | undefined;
  private lazyPlaces: ReadonlyMap<string, number> | undefined;

  /**
   * @param size - how many names.
   * @param key - the last of them, with its NUL.
   */
  constructor(
    readonly size = 0,
    readonly key = '',
    private readonly before?: HeaderLayout,
  ) {}

  /** Each name's place in the order. */
  get places(): ReadonlyMap<string, number> {
    return (this.lazyPlaces ??= this.findPlaces());
  }

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
    const follower = this.followers?.get(keyAt(bytes, start));
    if (follower !== undefined) this.expected = follower;
    return follower;
  }

  /** As `with`, and remembers it. @returns `undefined` for a name that is empty, that came before, or for which there is no room. */
  learn(bytes: Uint8Array, start: number): HeaderLayout | undefined {
    const key = keyAt(bytes, start);
    if (key === NUL || key.length > MAX_NAME_BYTES || this.size === MAX_NAMES || this.has(key))
      return undefined;
    if (!hasRoomFor(1)) return undefined;
    const follower = new HeaderLayout(this.size + 1, key, this);
    (this.followers ??= new Map<string, HeaderLayout>()).set(key, follower);
    return follower;
  }

  private has(key: string): boolean {
    return this.key === key || (this.before?.has(key) ?? false);
  }

  private findPlaces(): ReadonlyMap<string, number> {
    hasRoomFor(this.size);
    const places = new Map<string, number>();
    this.addTo(places);
    return places;
  }

  private addTo(places: Map<string, number>): void {
    if (this.before === undefined) return;
    this.before.addTo(places);
    places.set(this.key.slice(0, -NUL.length), places.size);
  }
}

let root = new HeaderLayout();
let remembered = 0;
let newBlocks = 0;

/** The layout without a name. */
export function emptyLayout(): HeaderLayout {
  return root;
}

/** To be asked once for a block that is not remembered. */
export function isTurnToLearn(): boolean {
  return newBlocks++ % LEARNT_OF_BLOCKS === 0;
}

/** Counts what is remembered. When there is no room for so much more, all is forgotten: it may have come once, to fill the room. */
function hasRoomFor(names: number): boolean {
  remembered += names;
  if (remembered <= MAX_REMEMBERED_NAMES) return true;
  root = new HeaderLayout();
  remembered = 0;
  return false;
}

function keyAt(bytes: Uint8Array, start: number): string {
  return decodeLatin1(bytes, start, bytes.indexOf(0, start) + 1);
}

/** A loop, as names are short: a call into the engine costs more than to look at each of their bytes. */
function isAt(key: string, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < key.length; index++) {
    if (bytes[start + index] !== key.charCodeAt(index)) return false;
  }
  return true;
}
