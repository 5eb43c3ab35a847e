/** Guesses which known word a misspelt one stands for. */

/** Shorter words begin too many others. */
const MIN_BEGINNING = 4;

/**
 * Finds the first key of an object that is not among the known ones.
 *
 * @param value - inherited keys count; keys that are Symbols do not.
 */
export function unknownKeyOf(value: object, known: ReadonlySet<string>): string | undefined {
  for (const key in value) if (!known.has(key)) return key;
  return undefined;
}

/** Makes the end of an error message: `; did you mean 'listen'?`, or nothing when no word is near enough. */
export function didYouMean(word: string, words: Iterable<string>): string {
  const meant = nearest(word, words);
  return meant === undefined ? '' : `; did you mean '${meant}'?`;
}

/**
 * Finds the word that differs least from the given one; `undefined` when more than a third of its letters differ, unless
 * it begins with the whole of a word, as `statusCode` does with `status`.
 */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.floor(word.length / 3) + 1;
  let beginning: string | undefined;
  for (const candidate of words) {
    if (candidate.length >= MIN_BEGINNING && word.startsWith(candidate)) beginning = candidate;
    const edits = distance(word, candidate);
    if (edits < least) {
      least = edits;
      best = candidate;
    }
  }
  return best ?? beginning;
}

/** Counts the letters to insert, delete, replace, or swap with a neighbour (Damerau-Levenshtein distance). */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let edits = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) edits = Math.min(edits, at(beforeLast, j - 2) + 1);
      row.push(edits);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
