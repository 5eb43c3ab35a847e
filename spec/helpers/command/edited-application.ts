/** An application on which somebody works: `app.mjs`, which imports `text` from `lib/text.mjs`. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../sockets/sockets.js';
import { ROOT } from './build.js';

/** Makes its folder, where packages can be imported, with the text 'one'. @returns the folder. */
export function editedApplication(source: string): string {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'lib'));
  symlinkSync(join(ROOT, 'node_modules'), join(cwd, 'node_modules'));
  writeFileSync(join(cwd, 'app.mjs'), source);
  setText(cwd, "'one'");
  return cwd;
}

/** Changes the text. @param value - an expression. @param file - by default the one that is imported. */
export function setText(cwd: string, value: string, file = 'lib/text.mjs'): void {
  writeFileSync(join(cwd, file), `export const text = ${value};`);
}
