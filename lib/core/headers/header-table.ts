/**
 * Finds the headers of a block by name: a hash table whose keys stay in the block's text.
 *
 * A `Map` needs a string for each name and hashes it, which takes twice as long as all of this; an application looks at few.
 */
const NUL = '\0';

/** Odd, and another one in each process: so nobody can choose names that have the same hash. */
const MULTIPLIER = 2 * Math.floor(Math.random() * 0x40000000) + 1;

/** The table of a short block. At least a quarter of a table stays free. */
const EMPTY: readonly number[] = Array<number>(64).fill(0);

/** A header takes as many bytes or more, usually: the table of a long block need not grow then, which costs a hash for each header. */
const HEADER_BYTES = 24;

/** How many values a tag has: the part of a hash that is kept beside a header, so that other names are seldom compared. */
const TAGS = 256;

/**
 * The hash of a name, from that of what comes before two of its characters; a name of odd length ends with NUL. Each step waits
 * for the one before, so that one for each character would take twice as long. The shift keeps the hash from being a polynomial:
 * there are words that have the same one for every multiplier.
 */
export function addToHash(hash: number, first: number, second: number): number {
  const product = Math.imul(hash ^ first ^ (second << 8), MULTIPLIER);
  return product ^ (product >>> 15);
}

export function hashOf(name: string): number {
  const even = name.length & ~1;
  let hash = 0;
  for (let i = 0; i < even; i += 2) hash = addToHash(hash, name.charCodeAt(i), name.charCodeAt(i + 1));
  return even === name.length ? hash : addToHash(hash, name.charCodeAt(even), 0);
}

/** A name with its hash, for those that every request is asked for: to hash one takes longer than to find it. */
export interface HashedName {
  readonly name: string;
  readonly hash: number;
}

export function hashed(name: string): HashedName {
  return { name, hash: hashOf(name) };
}

/** A header is known by where its value starts in the text: a number above 0. */
export class HeaderTable {
  /** The number of distinct names. */
  size = 0;
  /** For each header its start and the tag of its hash in one number, in the slot that the hash gives, or the next that has 0. */
  private slots: number[];
  /** Values that are not in the text as they are, by their starts. */
  private replaced: Map<number, string> | undefined;

  /** @param text - the block: each name and each value ends with NUL. */
  constructor(private readonly text: string) {
    this.slots =
      text.length < EMPTY.length * HEADER_BYTES ? EMPTY.slice() : emptySlots(text.length / HEADER_BYTES);
  }

  /**
   * Adds a header, unless there is one of its name.
   *
   * @param hash - of the name.
   * @returns the earlier header of that name, or 0.
   */
  add(hash: number, nameStart: number, nameEnd: number): number {
    const { slots } = this;
    let slot = slotOf(hash, slots);
    for (let entry; (entry = slots[slot] as number) > 0; slot = nextOf(slot, slots))
      if (tagOf(entry) === tagOf(hash) && this.isNamed(startOf(entry), this.text.slice(nameStart, nameEnd)))
        return startOf(entry);
    slots[slot] = (nameEnd + 1) * TAGS + tagOf(hash);
    if (++this.size * 4 > slots.length * 3) this.grow();
    return 0;
  }

  /** @returns the header of this name, or 0. */
  find(name: string, hash = hashOf(name)): number {
    const { slots } = this;
    let slot = slotOf(hash, slots);
    for (let entry; (entry = slots[slot] as number) > 0; slot = nextOf(slot, slots))
      if (tagOf(entry) === tagOf(hash) && this.isNamed(startOf(entry), name)) return startOf(entry);
    return 0;
  }

  nameOf(header: number): string {
    const end = header - 1;
    return this.text.slice(this.text.lastIndexOf(NUL, end - 1) + 1, end);
  }

  valueOf(header: number): string {
    return this.replacementOf(header) ?? this.text.slice(header, this.text.indexOf(NUL, header));
  }

  /** The value that counts instead of the one in the text, if there is one. */
  replacementOf(header: number): string | undefined {
    return this.replaced?.get(header);
  }

  replace(header: number, value: string): void {
    this.replaced ??= new Map();
    this.replaced.set(header, value);
  }

  /** The headers in wire order, without those that came again. */
  *[Symbol.iterator](): IterableIterator<number> {
    const { text } = this;
    for (let start = 0; start < text.length;) {
      const header = text.indexOf(NUL, start) + 1;
      if (this.find(text.slice(start, header - 1)) === header) yield header;
      start = text.indexOf(NUL, header) + 1;
    }
  }

  private isNamed(header: number, name: string): boolean {
    const start = header - 1 - name.length;
    return this.text.startsWith(name, start) && (start === 0 || this.text[start - 1] === NUL);
  }

  private grow(): void {
    const old = this.slots;
    const slots = emptySlots(old.length * 4);
    for (const entry of old) {
      if (entry === 0) continue;
      let slot = slotOf(hashOf(this.nameOf(startOf(entry))), slots);
      while (slots[slot] !== 0) slot = nextOf(slot, slots);
      slots[slot] = entry;
    }
    this.slots = slots;
  }
}

function emptySlots(atLeast: number): number[] {
  return Array<number>(2 ** Math.ceil(Math.log2(atLeast))).fill(0);
}

/** Of a hash or of an entry: both have it in the same bits. */
function tagOf(number: number): number {
  return number & (TAGS - 1);
}

/** A division, as an entry may have more than 32 bits. */
function startOf(entry: number): number {
  return Math.floor(entry / TAGS);
}

/** The upper bits count as well: the lower ones of names may be alike whatever the multiplier is. */
function slotOf(hash: number, { length }: readonly number[]): number {
  return (hash ^ (hash >>> 16)) & (length - 1);
}

function nextOf(slot: number, { length }: readonly number[]): number {
  return (slot + 1) & (length - 1);
}
