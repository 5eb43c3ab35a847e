/** Formats what the page shows: times, sizes, and text from peers, which may hold any character. */

/**
 * Characters that would hide, reorder or break text: controls, bidi controls, zero-width and line separators.
 * The page shows their code points instead.
 */
const UNSAFE =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/** Makes text harmless to look at, of at most `maxLength` characters, and says how many are left out. */
export function printable(text, maxLength = 300) {
  const shown = text.slice(0, maxLength);
  const rest = text.length - shown.length;
  const safe = shown.replace(UNSAFE, (character) => {
    const hex = character.charCodeAt(0).toString(16);
    return hex.length < 3 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`;
  });
  return rest > 0 ? `${safe}… (${formatCount(rest)} more)` : safe;
}

/** `1.24 s`, `18 ms`, `0.3 ms`, `2 min 5 s`. */
export function formatMs(ms) {
  if (ms < 9.95) return `${trim(ms.toFixed(1))} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_995) return `${trim((ms / 1000).toFixed(2))} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `0 B`, `512 B`, `65.5 kB`, `4.2 MB`: powers of 1,000. */
export function formatBytes(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${trim(value < 99.95 ? value.toFixed(1) : value.toFixed(0))} ${units[unit]}`;
}

export function formatCount(count) {
  return count.toLocaleString('en-US');
}

/** The wall clock at a time, as exact as steps of `stepMs` need. */
export function formatClock(epochMs, stepMs) {
  const date = new Date(epochMs);
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()].map((each) =>
    String(each).padStart(2, '0'),
  );
  const digits = stepMs >= 1000 ? 0 : stepMs >= 100 ? 1 : 3;
  const fraction = String(date.getMilliseconds()).padStart(3, '0').slice(0, digits);
  return parts.join(':') + (digits > 0 ? `.${fraction}` : '');
}

function trim(number) {
  return number.includes('.') ? number.replace(/\.?0+$/, '') : number;
}
