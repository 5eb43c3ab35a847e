/** Makes the options of `serveScgi` from flags. */
import { availableParallelism } from 'node:os';
import { isAbsolute } from 'node:path';
import type { SocketAccessOptions } from '../../system/addresses/socket-access.js';
import { verifyServeOptions, type ServeOptions } from '../../system/serving/serve-options.js';
import { LOG_FORMATS, type LogFormat } from '../log/access-log.js';
import { misuse } from '../command-error.js';
import type { ServeFlag } from '../flags/flags.js';
import { limitOf, messageInFlags } from '../flags/limit-flags.js';
import type { ParsedFlags } from '../flags/parse-flags.js';

/** What `rxscgi serve` is to do. */
export interface ServePlan {
  /** The path of the module. */
  readonly path: string;
  /** Verified. */
  readonly options: ServeOptions;
  /** Whether a change of the code replaces the workers, or restarts the application. */
  readonly reload: boolean;
  readonly log: LogFormat;
}

/** The values that are whole numbers. */
const LIMITS: ReadonlySet<string> = new Set(['NUMBER', 'BYTES', 'MS']);

/** A larger number is a typing error. */
const MAX_WORKERS = 1024;

/**
 * Returns the options that the flags set, verified.
 *
 * @param flags - the flags of the command.
 * @param rest - the options that the command sets itself.
 * @throws CommandError naming the flag that is wrong.
 */
export function serveOptionsOf(
  { values }: ParsedFlags,
  flags: readonly ServeFlag[],
  rest: ServeOptions,
  hint: string,
): ServeOptions {
  const given: Partial<Record<keyof ServeOptions, unknown>> = {};
  for (const flag of flags) {
    const value = values.get(flag.name)?.at(-1);
    if (value !== undefined) given[flag.option] = valueFor(flag, value, hint);
  }
  const options = { ...rest, ...given } as ServeOptions;
  try {
    verifyServeOptions(options);
  } catch (error) {
    throw misuse(messageInFlags((error as Error).message), hint);
  }
  return options;
}

/** Returns the value of `--trust-proxy`. */
export function proxiesOf(text: string): number | string[] {
  return /^[0-9]+$/.test(text) ? Number(text) : text.split(',');
}

function valueFor(flag: ServeFlag, value: string, hint: string): unknown {
  if (flag.value === undefined) return flag.sets;
  if (flag.value === 'PROXIES') return proxiesOf(value);
  return LIMITS.has(flag.value) ? limitOf(flag.name, value, hint) : value;
}

/** Returns the options about the files of Unix sockets. @throws CommandError */
export function socketAccessOf({ values }: ParsedFlags, hint: string): SocketAccessOptions {
  const mode = values.get('socket-mode')?.at(-1);
  if (mode !== undefined && !/^(0o?)?[0-7]{1,3}$/.test(mode)) {
    throw misuse(`--socket-mode takes permissions in octal, 000 to 777, not ${JSON.stringify(mode)}`, hint);
  }
  return {
    socketMode: mode === undefined ? undefined : Number.parseInt(mode.replace('0o', ''), 8),
    socketOwner: values.get('socket-owner')?.at(-1),
    socketGroup: values.get('socket-group')?.at(-1),
  };
}

/** @throws CommandError */
export function logFormatOf({ values }: ParsedFlags, hint: string): LogFormat {
  const name = values.get('log')?.at(-1) ?? 'common';
  const format = LOG_FORMATS.find((each) => each === name);
  if (format === undefined)
    throw misuse(`--log takes common, json or off, not ${JSON.stringify(name)}`, hint);
  return format;
}

/** Returns the number of workers; `undefined` without `--workers`. @throws CommandError */
export function workersOf({ values }: ParsedFlags, hint: string): number | undefined {
  const text = values.get('workers')?.at(-1);
  if (text === undefined) return undefined;
  if (text === 'auto') return availableParallelism();
  const workers = Number(text);
  if (/^[0-9]{1,4}$/.test(text) && workers >= 1 && workers <= MAX_WORKERS) return workers;
  throw misuse(`--workers takes a number, 1 to ${MAX_WORKERS}, or auto, not ${JSON.stringify(text)}`, hint);
}

/** Returns the one MODULE. @throws CommandError */
export function modulePathOf({ positionals }: ParsedFlags, hint: string): string {
  const [path, more] = positionals;
  if (path === undefined) throw misuse('no MODULE: the file whose default export is the handler', hint);
  if (more !== undefined)
    throw misuse(`there can be only one MODULE, and ${JSON.stringify(more)} is a second one`, hint);
  if (!isAbsolute(path)) requireCurrentFolder(hint);
  return path;
}

/** Relative paths need it, and so do the workers of `node:cluster`. @throws CommandError when it has been removed. */
export function requireCurrentFolder(hint: string): void {
  try {
    process.cwd();
  } catch {
    throw misuse('the current folder has been removed; change to another', hint);
  }
}
