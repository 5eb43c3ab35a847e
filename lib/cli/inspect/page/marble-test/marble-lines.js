/** Writes times as marbles of RxJS's `TestScheduler.run`: whole milliseconds, in which a group takes a frame for each of its characters. */

/** Room for `(ha|)`, and one more. */
const GAP = 6;

/**
 * Gives each time a frame, in the same order. Frames are so far apart that each has room for a group.
 *
 * @param times - milliseconds; half ones come between two frames.
 * @param widthAt - the characters that a time needs beyond the usual ones.
 * @returns from a time to its frame.
 */
export function framesOf(times, widthAt = () => 0) {
  const frames = new Map();
  let next = 0;
  for (const time of [...new Set(times)].sort((a, b) => a - b)) {
    const frame = Math.max(next, Math.ceil(time));
    frames.set(time, frame);
    next = frame + GAP + widthAt(time);
  }
  return (time) => frames.get(time);
}

/** Writes `[frame, characters]`, in order. Characters of the same frame become a group. */
export function marbles(events, origin = 0) {
  const groups = new Map();
  for (const [frame, characters] of events) groups.set(frame, (groups.get(frame) ?? '') + characters);
  let line = '';
  let now = origin;
  for (const [frame, characters] of groups) {
    const pause = frame - now;
    line += pause > 6 ? ` ${pause}ms ` : '-'.repeat(pause);
    const group = characters.length > 1 ? `(${characters})` : characters;
    line += group;
    now = frame + group.length;
  }
  return line.trim();
}

/** A string of JavaScript, in ASCII. */
export function quoted(text) {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inner.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}'`;
}
