/**
 * A bounded row of marbles: runs of chunks. A row that is full joins neighbours, so that it grows coarser, but loses no byte
 * and no time.
 */

/** Chunks of an exchange that are kept apart, for each row. */
const MAX_RUNS = 192;
const MAX_SPANS = 96;
const MAX_CAUSES = 8;

/** Adds a chunk: `{ at, to, bytes, count }`. */
export function addChunk(runs, at, bytes) {
  if (runs.length >= MAX_RUNS) joinPairs(runs);
  runs.push({ at, to: at, bytes, count: 1 });
}

function joinPairs(runs) {
  let end = 0;
  for (let i = 0; i < runs.length; i += 2) {
    const [a, b] = [runs[i], runs[i + 1]];
    runs[end++] = b ? { at: a.at, to: b.to, bytes: a.bytes + b.bytes, count: a.count + b.count } : a;
  }
  runs.length = end;
}

/** Begins, changes or ends a time in which a direction is held: `{ from, to, causes, count }`, `to` undefined while it lasts. */
export function setPaused(spans, at, paused, causes) {
  const last = spans.at(-1);
  if (last && last.to === undefined) {
    if (paused && last.causes.join() === causes.join()) return;
    last.to = at;
  }
  if (!paused) return;
  if (spans.length >= MAX_SPANS) joinNearest(spans);
  spans.push({ from: at, to: undefined, causes: causes.slice(0, MAX_CAUSES), count: 1 });
}

/** Joins the two spans with the shortest gap between them. */
function joinNearest(spans) {
  let best = 0;
  for (let i = 1; i + 1 < spans.length; i++) if (gapAfter(spans, i) < gapAfter(spans, best)) best = i;
  const [a, b] = [spans[best], spans[best + 1]];
  const causes = [...new Set([...a.causes, ...b.causes])].slice(0, MAX_CAUSES);
  spans.splice(best, 2, { from: a.from, to: b.to, causes, count: a.count + b.count });
}

function gapAfter(spans, i) {
  return spans[i + 1].from - spans[i].to;
}

/** How long a direction has been held, in milliseconds, and by whom the longest. */
export function pausedTotal(spans, now) {
  const causes = new Map();
  let total = 0;
  for (const span of spans) {
    const ms = (span.to ?? now) - span.from;
    total += ms;
    for (const cause of span.causes) causes.set(cause, (causes.get(cause) ?? 0) + ms);
  }
  const main = [...causes].sort((a, b) => b[1] - a[1])[0]?.[0];
  return { total, main };
}
