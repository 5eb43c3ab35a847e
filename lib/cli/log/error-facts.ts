/** What a log, or a person at a terminal, wants to know of an error. */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isScgiError } from '../../core/errors.js';
import { GatewayError } from '../../node/gateway/gateway-error.js';

export interface ErrorFacts {
  /** `code` where the error has one; else its class. */
  readonly code: string;
  readonly message: string;
  /** Where an error that is none of ours was thrown: `file:line:column`. */
  readonly place: string | undefined;
  readonly stack: string | undefined;
}

/** Anything can be thrown. */
export function errorFacts(error: unknown): ErrorFacts {
  if (!(error instanceof Error)) {
    return { code: 'thrown', message: String(error), place: undefined, stack: undefined };
  }
  const { code } = error as { code?: unknown };
  const ours = isScgiError(error) || error instanceof GatewayError;
  return {
    code: typeof code === 'string' ? code : error.name,
    message: error.message,
    place: ours ? undefined : placeOf(error),
    stack: ours ? undefined : error.stack,
  };
}

const PATH = String.raw`((?:file://|/|[A-Za-z]:[\\/])[^()\n]*:[0-9]+)`;
const FRAME = new RegExp(String.raw`^ +at (?:async )?(?:.*\()?${PATH}\)?$`);
/** What Node.js puts before the stack of an error of syntax. */
const SYNTAX = new RegExp(`^${PATH}\n`);
/** Frames that tell nothing: the import itself, in lib/ or put together, and libraries that were given something wrong. */
const OURS = /\/cli\/load-module\.ts|\/dist\/esm\/cli\/main\.js/;
const LIBRARY = /[\\/]node_modules[\\/]/;

/** The first place that the stack names outside of Node.js and, where there is one, of libraries. */
export function placeOf({ stack = '' }: Error): string | undefined {
  const frames = stack.split('\n').flatMap((line) => FRAME.exec(line)?.[1] ?? []);
  const places = frames.filter((frame) => !OURS.test(frame));
  const place = SYNTAX.exec(stack)?.[1] ?? places.find((frame) => !LIBRARY.test(frame)) ?? places[0];
  return place === undefined ? undefined : shortPath(place);
}

/** `path`, or a file URL, with what follows it; relative when it is below the current folder. */
export function shortPath(place: string): string {
  const match = /^(.*?)((?::[0-9]+)*)$/.exec(place) as RegExpExecArray;
  const file = match[1] as string;
  const path = file.startsWith('file://') ? fileURLToPath(file.replace(/[?#].*$/, '')) : file;
  const short = relative(process.cwd(), path);
  return `${short.startsWith('..') || short === '' ? path : short}${match[2] as string}`;
}
