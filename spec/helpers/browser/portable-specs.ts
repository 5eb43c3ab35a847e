/** The specs that run in a browser: those that need nothing of Node.js or Jest beyond `describe`, `it` and `expect`. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../command/build.js';

const FOLDERS = ['core', 'operators', 'adapters', 'testing'].map((name) => join(ROOT, 'spec', name));
const BOUND = /from '(?:node:|fast-check)|\bBuffer\b|\bprocess\b|\bjest\b|\b__dirname\b|\bglobal\.gc\b/;
const IMPORT = /from '(\.[^']*)\.js'/g;

/** Returns their paths. */
export function portableSpecs(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.spec.ts'))
      .map((name) => join(folder, name)),
  ).filter((path) => isPortable(path, new Set()));
}

/** Whether a file, and each of spec/ that it imports, can run anywhere. */
function isPortable(path: string, seen: Set<string>): boolean {
  if (seen.has(path) || path.startsWith(join(ROOT, 'lib'))) return true;
  seen.add(path);
  const text = readFileSync(path, 'utf8');
  if (BOUND.test(text)) return false;
  return [...text.matchAll(IMPORT)].every(([, name = '']) =>
    isPortable(`${join(dirname(path), name)}.ts`, seen),
  );
}
