/**
 * Eight characters that two processes will hardly have in common, for names of files. Not secret: what is named so is
 * bound or created where nothing may be yet. `node:crypto`, which has better ones, takes a megabyte to load.
 */
export function randomWord(): string {
  return Math.floor(Math.random() * 2 ** 40)
    .toString(36)
    .padStart(8, '0');
}
