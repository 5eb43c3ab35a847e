/** The core of the library, compiled for the time of a benchmark. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const COMPILER = fileURLToPath(new URL('compile-core.mjs', import.meta.url));

/** @returns what the named files of the core export, all together. */
export async function importCore(...files) {
  const folder = mkdtempSync(join(tmpdir(), 'rxscgi-core-'));
  try {
    // By another process: the compiler's memory is not to be measured in this one.
    execFileSync(process.execPath, [COMPILER, folder]);
    const urls = files.map((file) => pathToFileURL(join(folder, file)).href);
    return Object.assign({}, ...(await Promise.all(urls.map((url) => import(url)))));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
