/** The reader's options: their units, their defaults, and how all options are verified. */
import { didYouMean } from './text/nearest.js';
import { quoted } from './text/quoted.js';

/** Limits on a request, and deviations from the specification that a reader may accept. */
export interface ReaderOptions {
  /** Most bytes of the header block, from 1 to 268 435 456. Default 65 536. */
  readonly maxHeaderBytes?: number | undefined;
  /** Most name/value pairs in the header block. Default 1 000. */
  readonly maxHeaders?: number | undefined;
  /** Most bytes of the body. Default: no limit, since nothing is collected unless the application asks for it. */
  readonly maxBodyBytes?: number | undefined;
  /** Require `CONTENT_LENGTH` as the first header, as the specification does. Default false. */
  readonly strict?: boolean | undefined;
  /**
   * Accept repeated headers, which nginx before 1.23 and lighttpd send: values of a list are joined, of other values the last one
   * counts. Default false; `serveScgi` and the command have true.
   */
  readonly lenientDuplicates?: boolean | undefined;
  /** Use `HTTP_CONTENT_LENGTH` when it is larger than `CONTENT_LENGTH` (unbuffered nginx). Default false. */
  readonly lenientContentLength?: boolean | undefined;
}

/** {@link ReaderOptions} with the defaults filled in. */
export interface ReaderLimits {
  /** Bytes of the header block, at most. */
  readonly maxHeaderBytes: number;
  /** Name/value pairs in the header block, at most. */
  readonly maxHeaders: number;
  /** Bytes of the body, at most; `Infinity` is no limit. */
  readonly maxBodyBytes: number;
  /** Whether `CONTENT_LENGTH` must be the first header. */
  readonly strict: boolean;
  /** Whether repeated headers are accepted. */
  readonly lenientDuplicates: boolean;
  /** Whether a larger `HTTP_CONTENT_LENGTH` counts. */
  readonly lenientContentLength: boolean;
}

/** The names of a function's options. The compiler ensures that it is complete. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>;

export const READER_OPTIONS: OptionNames<ReaderOptions> = {
  maxHeaderBytes: true,
  maxHeaders: true,
  maxBodyBytes: true,
  strict: true,
  lenientDuplicates: true,
  lenientContentLength: true,
};

/**
 * Refuses options that do not exist, as a misspelt limit would be no limit. Inherited names count.
 *
 * @param of - the function that takes the options.
 * @throws TypeError naming the first unknown one, and the name that was probably meant.
 */
export function verifyOptionNames<Options>(
  of: string,
  options: Options | undefined,
  names: OptionNames<Options>,
): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`the options of ${of} must be an object, not ${quoted(options)}`);
  }
  for (const name in options) {
    if (Object.hasOwn(names, name)) continue;
    throw new TypeError(`${of} has no option ${quoted(name)}${didYouMean(name, Object.keys(names))}`);
  }
}

/** A block is decoded as one string, and engines limit the length of strings. */
const MAX_HEADER_BYTES = 268_435_456;

/**
 * Returns a limit as a number, or its default.
 *
 * @param most - the largest; `Infinity`, the default, allows "no limit".
 * @throws RangeError when it is not a whole number from `least` to `most`.
 */
export function verifyLimit(
  name: string,
  value: number | undefined,
  fallback: number,
  least = 1,
  most = Infinity,
): number {
  if (value === undefined) return fallback;
  const whole = Number.isSafeInteger(value) || value === Infinity;
  if (whole && value >= least && value <= most) return value;
  const range = most === Infinity ? `at least ${least}, or Infinity` : `${least} to ${most}`;
  throw new RangeError(`${name} must be a whole number of ${range}, not ${quoted(value)}`);
}

/** The longest delay that timers support. A longer one would fire at once. */
export const MAX_TIMEOUT_MS = 2_147_483_647;

/** Returns a time in milliseconds, or its default. @throws RangeError as {@link verifyLimit}, and above 2^31-1. */
export function verifyTimeout(name: string, value: number | undefined, fallback: number): number {
  if (value === Infinity) return value;
  return verifyLimit(name, value, fallback, 1, MAX_TIMEOUT_MS);
}

/** Returns a boolean, or its default. @throws TypeError for anything else, so that 'false' does not mean true. */
export function verifySwitch(name: string, value: boolean | undefined, fallback = false): boolean {
  if (value === undefined) return fallback;
  if (typeof value === 'boolean') return value;
  throw new TypeError(`${name} must be true or false, not ${quoted(value)}`);
}

/** Verifies the options of a reader. @throws RangeError | TypeError naming the first that is wrong. */
export function verifyReaderOptions(options: ReaderOptions = {}): ReaderLimits {
  return {
    maxHeaderBytes: verifyLimit('maxHeaderBytes', options.maxHeaderBytes, 65_536, 1, MAX_HEADER_BYTES),
    maxHeaders: verifyLimit('maxHeaders', options.maxHeaders, 1000),
    maxBodyBytes: verifyLimit('maxBodyBytes', options.maxBodyBytes, Infinity, 0),
    strict: verifySwitch('strict', options.strict),
    lenientDuplicates: verifySwitch('lenientDuplicates', options.lenientDuplicates),
    lenientContentLength: verifySwitch('lenientContentLength', options.lenientContentLength),
  };
}
