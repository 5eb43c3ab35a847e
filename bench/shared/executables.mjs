/** Finds programs. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Folders that many users do not have in `PATH`. */
const SBIN = ['/usr/sbin', '/usr/local/sbin'];

/** Returns the path of a program, or `undefined`. */
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
