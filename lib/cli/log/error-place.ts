/** Where an error was thrown, in the words of a person at a terminal. */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const PATH = String.raw`((?:file://|/|[A-Za-z]:[\\/])[^()\n]*:[0-9]+)`;
const FRAME = new RegExp(String.raw`^at (?:async )?(?:.*\()?${PATH}\)?$`);
/** Frames that say nothing: the import itself, in lib/ or built, and libraries that were called with a wrong value. */
const OURS = /\/cli\/load-module\.ts|\/dist\/esm\/(?:cli\/main|shared-[^/]*)\.js/;
const LIBRARY = /[\\/]node_modules[\\/]/;

/** The places in the application that frames name: `lib/db.mjs:3:9`. Where there are none, the first in a library. */
export function placesOf(frames: readonly string[]): string[] {
  const places = frames.flatMap((frame) => FRAME.exec(frame)?.[1] ?? []).filter((place) => !OURS.test(place));
  const own = places.filter((place) => !LIBRARY.test(place));
  return (own.length > 0 ? own : places.slice(0, 1)).map(shortPath);
}

/** A path or file URL, with its line and column; relative when it is below the current folder. */
export function shortPath(place: string): string {
  const [, file = place, position = ''] = /^(.*?)((?::[0-9]+){0,2})$/.exec(place) ?? [];
  const path = pathOf(file);
  const short = relative(process.cwd(), path);
  return `${short.startsWith('..') || short === '' ? path : short}${position}`;
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
