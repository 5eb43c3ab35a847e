/** Figures of several rounds, and what two sides of one run are to each other. */

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function summary(values) {
  return { median: median(values), minimum: Math.min(...values), maximum: Math.max(...values) };
}

/** One figure a round: what disturbs a round disturbs both of its sides, which were measured next to each other. */
export function paired(values, others, combine) {
  return values.map((value, round) => combine(value, others[round]));
}

/** The least-squares line through points `[x, y]`. */
export function line(points) {
  const count = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / count;
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const variance = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const slope = covariance / variance;
  return { slope, intercept: meanY - slope * meanX };
}

/** The b of `y = a * x^b`: 1 is linear, 2 is quadratic. */
export function exponent(points) {
  return line(points.map(([x, y]) => [Math.log(x), Math.log(y)])).slope;
}
