/** The core of the library by itself, which the package does not export: compiled for the time of a benchmark. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compile } from '../../scripts/compile.mjs';

const SOURCES = fileURLToPath(new URL('../../lib/core', import.meta.url));

/** @returns what the named files of the core export, all together. */
export async function importCore(...files) {
  const directory = mkdtempSync(join(tmpdir(), 'rxscgi-core-'));
  try {
    writeFileSync(join(directory, 'package.json'), JSON.stringify({ type: 'module' }));
    for (const file of readdirSync(SOURCES)) {
      writeFileSync(join(directory, file.replace(/\.ts$/, '.js')), compile(join(SOURCES, file)).code);
    }
    const urls = files.map((file) => pathToFileURL(join(directory, file)).href);
    return Object.assign({}, ...(await Promise.all(urls.map((url) => import(url)))));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
