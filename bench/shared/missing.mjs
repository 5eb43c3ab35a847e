/** Programs and packages that a benchmark or a scenario needs, and that are not installed. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { findExecutable } from './executables.mjs';

export class Missing extends Error {
  /** @param what - its name. @param howToGet - how to install it. */
  constructor(what, howToGet) {
    super(`${what} is missing: ${howToGet}`);
    this.howToGet = howToGet;
  }
}

const HOW_TO_GET = {
  nginx: 'apt-get install nginx-light, or https://nginx.org/en/download.html',
  wrk: 'apt-get install wrk',
  uwsgi: 'apt-get install uwsgi-core uwsgi-plugin-python3',
};

/** Returns the path of a program. @throws Missing */
export function programPath(name) {
  const path = findExecutable(name);
  if (path === undefined) throw new Missing(name, HOW_TO_GET[name]);
  return path;
}

/** @throws Missing when the npm package `name` cannot be loaded. */
export function needPackage(name) {
  try {
    createRequire(import.meta.url).resolve(name);
  } catch {
    throw new Missing(
      name,
      `npm install --no-save ${name}, or elsewhere, with NODE_PATH set to its node_modules`,
    );
  }
}

/** Returns the path of Bun: that of spec/runtimes, or another one. @throws Missing */
export function bunPath() {
  const installed = fileURLToPath(new URL('../../spec/runtimes/node_modules/.bin/bun', import.meta.url));
  const path = existsSync(installed) ? installed : findExecutable('bun');
  if (path === undefined) throw new Missing('bun', 'npm ci --prefix spec/runtimes');
  return path;
}
