/** Formats an error on one line, for logs and for the message that ends the command. */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { causesOf, errorFacts, titleOf, type ErrorFacts } from '../../core/errors/error-facts.js';

/**
 * Formats an error: `TypeError: no such row (lib/db.mjs:3:9, from app.mjs:7:1); caused by ECONNREFUSED: …`
 *
 * @param maxPlaces - how many places of the stack are named.
 * @returns text that is not escaped yet.
 */
export function errorText(error: unknown, maxPlaces = 1): string {
  const facts = errorFacts(error);
  return [facts, ...causesOf(facts)].map((each) => titleAndPlaces(each, maxPlaces)).join('; caused by ');
}

function titleAndPlaces(facts: ErrorFacts, maxPlaces: number): string {
  const places = placesOf(facts.frames).slice(0, maxPlaces);
  return places.length === 0 ? titleOf(facts) : `${titleOf(facts)} (${places.join(', from ')})`;
}

const PATH = String.raw`((?:file://|/|[A-Za-z]:[\\/])[^()\n]*:[0-9]+)`;
const FRAME = new RegExp(String.raw`^at (?:async )?(?:.*\()?${PATH}\)?$`);
/** Frames that do not help: the import itself, in lib/ or built; and libraries, which were often called with a wrong value. */
const OURS = /\/cli\/load-module\.ts|\/dist\/esm\/(?:cli\/main|shared-[^/]*)\.js/;
/** RxJS makes its own errors in one file, and calls everything else: its frames say nothing. */
const RXJS = /[\\/]node_modules[\\/]rxjs[\\/]/;
const LIBRARY = /[\\/]node_modules[\\/]/;

/** Finds the places in the application that frames name: `lib/db.mjs:3:9`. Without any, the first place in a library. */
export function placesOf(frames: readonly string[]): string[] {
  const places = frames
    .flatMap((frame) => FRAME.exec(frame)?.[1] ?? [])
    .filter((place) => !OURS.test(place) && !RXJS.test(place));
  const own = places.filter((place) => !LIBRARY.test(place));
  return (own.length > 0 ? own : places.slice(0, 1)).map(shortPath);
}

/** Shortens a path or file URL with its line and column: relative when it is below the current folder. */
export function shortPath(place: string): string {
  const [, file = place, position = ''] = /^(.*?)((?::[0-9]+){0,2})$/.exec(place) ?? [];
  const path = pathOf(file);
  return `${belowCurrentFolder(path) ?? path}${position}`;
}

function belowCurrentFolder(path: string): string | undefined {
  try {
    const short = relative(process.cwd(), path);
    return short.startsWith('..') || short === '' ? undefined : short;
  } catch {
    // The current folder has been removed.
    return undefined;
  }
}

function pathOf(file: string): string {
  if (!file.startsWith('file://')) return file;
  try {
    return fileURLToPath(file.replace(/[?#].*$/, ''));
  } catch {
    // Not the URL of a file on this machine.
    return file;
  }
}
