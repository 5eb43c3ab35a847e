/** How the cost of a function grows with its input: a comparison of two sizes, which no busy machine disturbs much. */

const FACTOR = 16;
const ROUNDS = 5;

/**
 * Compares one run with `FACTOR * size` to `FACTOR` runs with `size`, in CPU time: about 1 for a function that is linear in
 * the size, about 16 for one that is quadratic.
 *
 * @param prepare - makes the input of a size; not measured.
 */
export function growthOf<T>(size: number, prepare: (size: number) => T, run: (input: T) => unknown): number {
  const small = prepare(size);
  const large = prepare(size * FACTOR);
  // The least of some rounds: what else the machine does only ever adds.
  const rounds = Array.from({ length: ROUNDS }, () => ({
    one: cpuMicroseconds(() => run(large)),
    many: cpuMicroseconds(() => {
      for (let count = 0; count < FACTOR; count++) run(small);
    }),
  }));
  return Math.min(...rounds.map(({ one }) => one)) / Math.min(...rounds.map(({ many }) => many));
}

/** What {@link growthOf} is less than for a linear function, with room for noise. */
export const LINEAR = 5;

function cpuMicroseconds(action: () => void): number {
  const before = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(before);
  return Math.max(1, user + system);
}
