/** The build that some specs run: it must be newer than what it is made from. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(__dirname, '../../..');

const SOURCES = ['lib', 'package.json', 'rollup.config.mjs', 'tsconfig.json'];

/** @throws Error when there is no build, or when its sources have changed since. */
export function requireBuild(): void {
  const built = join(ROOT, 'dist/esm/package.json');
  const newest = Math.max(...SOURCES.map((source) => lastModified(join(ROOT, source))));
  if (!existsSync(built) || statSync(built).mtimeMs < newest)
    throw new Error('dist/ is missing, or older than lib/: npm run build');
}

/** Folders count, too: deleting a file modifies its folder. */
function lastModified(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => lastModified(join(path, name))));
}
