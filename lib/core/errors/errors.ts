/** The error classes: few classes, many codes. Every fault that the library raises is an instance of one of them. */
import {
  LIMIT_STATUS,
  PROTOCOL_STATUS,
  USAGE_STATUS,
  type ScgiErrorCode,
  type ScgiLimitErrorCode,
  type ScgiProtocolErrorCode,
  type ScgiUsageErrorCode,
} from './codes.js';
import { quoted } from '../text/quoted.js';

/** Registered, not unique: two copies of the package in one process recognise each other's errors. */
const BRAND = Symbol.for('rxscgi.error');

/**
 * The base class of all errors. `code` identifies the error, and `status` is the HTTP status that answers it.
 *
 * @example
 * ```ts
 * import { isScgiError, type ScgiError } from 'rxscgi';
 *
 * export function statusOf(error: unknown): number {
 *   const known: ScgiError | undefined = isScgiError(error) ? error : undefined;
 *   return known?.status ?? 500;
 * }
 * ```
 */
export abstract class ScgiError extends Error {
  /** What went wrong. A code never changes its meaning. */
  abstract readonly code: ScgiErrorCode;
  /** The HTTP status that answers this error. */
  abstract readonly status: number;
  /** @internal */
  readonly [BRAND] = true;

  /** @throws TypeError when the message is not a string: the engine's own words would not say which error was to be made. */
  constructor(message: string, options?: ErrorOptions) {
    if (typeof message !== 'string')
      throw new TypeError(`the message of an ScgiError must be a string, not ${quoted(message)}`);
    super(message, options);
  }
}

/** A protocol that a peer may speak instead of SCGI, recognised by its first byte. */
export type ForeignProtocol = 'http' | 'tls' | 'uwsgi';

/**
 * A fault of the peer. `offset` is the position of the wrong byte in the bytes of the connection, from 0; 0 if no byte is wrong.
 *
 * @example
 * ```ts
 * import { ScgiProtocolError } from 'rxscgi';
 *
 * export function log(error: unknown): void {
 *   if (error instanceof ScgiProtocolError) console.error(`${error.code} at byte ${error.offset}`);
 * }
 * ```
 */
export class ScgiProtocolError extends ScgiError {
  /** Always `ScgiProtocolError`. */
  override readonly name = 'ScgiProtocolError';
  /** What the peer did wrong. */
  readonly code: ScgiProtocolErrorCode;
  readonly status: number;
  /** The position of the wrong byte in the bytes of the connection, from 0; 0 if no byte is wrong. */
  readonly offset: number;
  /** The protocol that the peer speaks instead of SCGI, if the first byte shows one. */
  readonly foreignProtocol: ForeignProtocol | undefined;

  constructor(
    code: ScgiProtocolErrorCode,
    message: string,
    offset: number | undefined,
    details: { cause?: unknown; foreignProtocol?: ForeignProtocol | undefined } = {},
  ) {
    if (typeof details !== 'object' || (details as unknown) === null)
      throw new TypeError(`the details of an ScgiProtocolError must be an object, not ${quoted(details)}`);
    super(placed(message, offset), 'cause' in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.status = statusOf(code, PROTOCOL_STATUS, 'ScgiProtocolError');
    this.offset = offset ?? 0;
    this.foreignProtocol = details.foreignProtocol;
  }
}

/**
 * A limit was exceeded. `limit` is the limit and `actual` the value that exceeded it, both in the unit of the limit.
 *
 * @example
 * ```ts
 * import { ScgiLimitError } from 'rxscgi';
 *
 * export function log(error: unknown): void {
 *   if (error instanceof ScgiLimitError) console.error(`${error.code}: ${error.actual} of ${error.limit}`);
 * }
 * ```
 */
export class ScgiLimitError extends ScgiError {
  /** Always `ScgiLimitError`. */
  override readonly name = 'ScgiLimitError';
  /** Which limit was reached. */
  readonly code: ScgiLimitErrorCode;
  readonly status: number;
  /** The limit, in its own unit: bytes, milliseconds, or a count. */
  readonly limit: number;
  /** What came, in the unit of `limit`. */
  readonly actual: number;
  /** Where in the input, if the limit applies to the input. */
  readonly offset: number | undefined;

  constructor(code: ScgiLimitErrorCode, message: string, limit: number, actual: number, offset?: number) {
    super(placed(message, offset));
    this.code = code;
    this.status = statusOf(code, LIMIT_STATUS, 'ScgiLimitError');
    this.limit = limit;
    this.actual = actual;
    this.offset = offset;
  }
}

/**
 * A fault of the application. No peer can cause it.
 *
 * @example
 * ```ts
 * import { ScgiUsageError } from 'rxscgi';
 *
 * export function isOurFault(error: unknown): boolean {
 *   return error instanceof ScgiUsageError;
 * }
 * ```
 */
export class ScgiUsageError extends ScgiError {
  /** Always `ScgiUsageError`. */
  override readonly name = 'ScgiUsageError';
  /** What the application did wrong. */
  readonly code: ScgiUsageErrorCode;
  readonly status: number;

  constructor(code: ScgiUsageErrorCode, message: string) {
    super(message);
    this.code = code;
    this.status = statusOf(code, USAGE_STATUS, 'ScgiUsageError');
  }
}

/**
 * Tells whether a value is an error of this library, from any copy of the package.
 *
 * `instanceof` fails between the ESM and the CJS build, or between two versions; this does not.
 *
 * @example
 * ```ts
 * import { isScgiError } from 'rxscgi';
 *
 * export function log(error: unknown): void {
 *   if (isScgiError(error)) console.error(error.code, error.status);
 *   else console.error(error);
 * }
 * ```
 */
export function isScgiError(value: unknown): value is ScgiProtocolError | ScgiLimitError | ScgiUsageError {
  try {
    return typeof value === 'object' && value !== null && (value as { [BRAND]?: unknown })[BRAND] === true;
  } catch {
    // A revoked Proxy or a throwing getter: anything can be thrown.
    return false;
  }
}

function placed(message: string, offset: number | undefined): string {
  if (offset !== undefined && typeof offset !== 'number')
    throw new TypeError(`the offset of an ScgiError must be a number, not ${quoted(offset)}`);
  return offset === undefined || typeof message !== 'string' ? message : `${message} (at byte ${offset})`;
}

/** @throws TypeError for the code of another class, which would have no status. */
function statusOf<Code extends string>(
  code: Code,
  statuses: Readonly<Record<Code, number>>,
  of: string,
): number {
  if (typeof code === 'string' && Object.hasOwn(statuses, code)) return statuses[code];
  throw new TypeError(`${quoted(code)} is not a code of ${of}`);
}
