/** The time axis: runs, stops, zooms and moves. Times are the server's, in milliseconds. */

const MIN_SPAN_MS = 2;
const MAX_SPAN_MS = 600_000;
const DEFAULT_SPAN_MS = 10_000;
/** The newest events come a little left of the edge. */
const MARGIN = 0.04;
const MAX_TICKS = 64;

/** Makes an axis that runs and shows the last 10 s. */
export function createAxis() {
  let spanMs = DEFAULT_SPAN_MS;
  let now = 0;
  /** The right edge while stopped; undefined while it runs. */
  let stoppedEnd;
  /** What was the present when it stopped. */
  let stoppedNow;

  const end = () => stoppedEnd ?? now + spanMs * MARGIN;
  const setSpan = (ms) => (spanMs = Math.min(MAX_SPAN_MS, Math.max(MIN_SPAN_MS, ms)));
  function stop() {
    if (stoppedEnd !== undefined) return;
    stoppedEnd = end();
    stoppedNow = now;
  }

  return {
    /** Lets time pass. */
    tick(at) {
      now = at;
    },
    /** The present: while stopped, the moment when it stopped. */
    get now() {
      return stoppedNow ?? now;
    },
    get isRunning() {
      return stoppedEnd === undefined;
    },
    get spanMs() {
      return spanMs;
    },
    stop,
    run() {
      stoppedEnd = stoppedNow = undefined;
    },
    /** Zooms by a factor (above 1: closer) around a point of the axis, 0 to 1 from the left. A running axis keeps its right edge. */
    zoom(factor, around = 1) {
      const before = spanMs;
      setSpan(spanMs / factor);
      if (stoppedEnd !== undefined) stoppedEnd -= (before - spanMs) * (1 - around);
    },
    /** Moves by a part of what it shows, and stops. */
    move(part) {
      stop();
      stoppedEnd += part * spanMs;
    },
    /** Shows a time, and stops. */
    show(from, to) {
      stop();
      setSpan((to - from) * 1.12);
      stoppedEnd = (from + to + spanMs) / 2;
    },
    reset() {
      spanMs = DEFAULT_SPAN_MS;
      stoppedEnd = stoppedNow = undefined;
    },
    /** The scale for a width in pixels. */
    scale(width) {
      return scaleOf(end() - spanMs, spanMs / width, width, stoppedNow ?? now);
    },
  };
}

/** A scale that shows all of an exchange. */
export function ownScale(from, to, width, now) {
  const span = Math.max(MIN_SPAN_MS / 2, to - from);
  return scaleOf(from - span * 0.03, (span * 1.1) / width, width, now);
}

function scaleOf(from, msPerPx, width, now) {
  return { from, to: from + msPerPx * width, width, msPerPx, now, x: (at) => (at - from) / msPerPx };
}

/** Times at round figures after `origin`, at least `gapPx` apart, and the step between them. */
export function ticksOf({ from, to, msPerPx }, gapPx = 96, origin = 0) {
  const atLeast = gapPx * msPerPx;
  const power = 10 ** Math.floor(Math.log10(atLeast));
  const step = power * ([1, 2, 5].find((each) => each * power >= atLeast) ?? 10);
  const ticks = [];
  const first = Math.ceil((from - origin) / step);
  for (let i = first; origin + i * step <= to && ticks.length < MAX_TICKS; i++) ticks.push(origin + i * step);
  return { ticks, step };
}
