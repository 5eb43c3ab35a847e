/** Where programs are. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Not in everybody's `PATH`. */
const SBIN = ['/usr/sbin', '/usr/local/sbin'];

/** @returns a path, or `undefined`. */
export function findExecutable(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SBIN];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
