/** The flags of `rxscgi request` and `rxscgi ping`, and the values of those that are numbers. */
import { verifyTimeout } from '../../core/options.js';
import type { ScgiCallOptions } from '../../node/client/call-options.js';
import { CommandError, misuse } from '../command-error.js';
import { flagNameOf, type Flag } from '../flags/flags.js';
import { limitOf, messageInFlags } from '../flags/limit-flags.js';
import type { ParsedFlags } from '../flags/parse-flags.js';

/** The options of `scgiRequest` that are numbers. */
type CallLimit = Exclude<keyof ScgiCallOptions, 'scheduler'>;

/** A flag that becomes an option of `scgiRequest`. */
export interface CallFlag extends Flag {
  readonly option: CallLimit;
}

export const FIELD_FLAGS: readonly Flag[] = [
  {
    name: 'header',
    short: 'H',
    value: 'NAME:VALUE',
    help: 'an HTTP header field; may be repeated. NAME: alone takes away a default',
  },
  {
    name: 'variable',
    short: 'V',
    value: 'NAME=VALUE',
    help: 'a meta-variable, in place of the default; may be repeated. NAME alone takes one away',
  },
  { name: 'mount', value: 'PATH', help: 'sent as SCRIPT_NAME; PATH_INFO is what follows it in the URI' },
];

export const DATA_FLAG: Flag = {
  name: 'data',
  short: 'd',
  value: 'DATA',
  mayBeEmpty: true,
  help: 'the body: text, @FILE, or @- for stdin; as it is, as with --data-binary of curl',
};

/** The value of `-d`. @throws CommandError when there are two. */
export function dataOf({ values }: ParsedFlags, hint: string): string | undefined {
  const [data, second] = values.get('data') ?? [];
  if (second !== undefined) throw misuse('there can be only one -d', hint);
  return data;
}

export const CALL_TIME_FLAGS: readonly CallFlag[] = [
  time('connectTimeoutMs', 'until the connection is made (default 10000)'),
  time('headersTimeoutMs', 'without progress until the head of the response is complete (default 60000)'),
  time('bodyTimeoutMs', 'between chunks of the body of the response (default 30000)'),
];

export const HEAD_FLAG: CallFlag = {
  name: 'max-response-head-bytes',
  option: 'maxResponseHeadBytes',
  value: 'BYTES',
  help: "size of the response's head (default 65536)",
};

function time(option: CallLimit, help: string): CallFlag {
  return { name: flagNameOf(option), option, value: 'MS', help };
}

export function timeoutFlag(help: string): Flag {
  return { name: 'timeout-ms', value: 'MS', help };
}

/** Returns the value of `--timeout-ms`, or of `--timeout` where there is that flag. @throws CommandError */
export function timeoutOf({ values }: ParsedFlags, defaultMs: number, hint: string): number {
  const name = values.has('timeout-ms') ? 'timeout-ms' : 'timeout';
  const text = values.get(name)?.at(-1);
  if (text === undefined) return defaultMs;
  try {
    return verifyTimeout('timeoutMs', limitOf(name, text, hint), defaultMs);
  } catch (error) {
    throw error instanceof CommandError ? error : misuse(messageInFlags((error as Error).message), hint);
  }
}

/** Returns the options that the flags set, not verified. @throws CommandError for what is no number. */
export function limitsOf({ values }: ParsedFlags, flags: readonly CallFlag[], hint: string): ScgiCallOptions {
  const limits: Partial<Record<CallLimit, number>> = {};
  for (const { name, option } of flags) {
    const value = values.get(name)?.at(-1);
    if (value !== undefined) limits[option] = limitOf(name, value, hint);
  }
  return limits;
}
