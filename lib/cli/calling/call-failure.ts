/** Why a call has failed, as the exit code of `rxscgi request`. */
import { mergeMap, takeUntil, throwError, timer, type Observable } from 'rxjs';
import { readProperty } from '../../core/errors/error-facts.js';
import { CommandError, EXIT_FAILED, EXIT_MISUSED } from '../command-error.js';
import { section } from '../help.js';
import { errorText } from '../log/error-text.js';
import { textInFlags } from '../log/in-flags.js';
import { CALL_TIME_FLAGS, HEAD_FLAG } from './call-flags.js';

const EXIT_CONNECT = 3;
const EXIT_TIMEOUT = 4;
const EXIT_PROTOCOL = 5;
const EXIT_EMPTY = 6;
const EXIT_TRUNCATED = 7;
export const EXIT_OUTPUT = 8;

const EXIT_CODES: Readonly<Record<string, number>> = {
  ERR_SCGI_CONNECT_FAILED: EXIT_CONNECT,
  ERR_SCGI_CONNECT_TIMEOUT: EXIT_TIMEOUT,
  ERR_SCGI_RESPONSE_HEAD_TIMEOUT: EXIT_TIMEOUT,
  ERR_SCGI_RESPONSE_BODY_TIMEOUT: EXIT_TIMEOUT,
  ERR_SCGI_RESPONSE_HEAD: EXIT_PROTOCOL,
  ERR_SCGI_RESPONSE_HEAD_TOO_LARGE: EXIT_PROTOCOL,
  ERR_SCGI_EMPTY_RESPONSE: EXIT_EMPTY,
  ERR_SCGI_RESPONSE_TRUNCATED: EXIT_TRUNCATED,
  ERR_SCGI_HEADER_INVALID: EXIT_MISUSED,
  ERR_SCGI_BODY_LENGTH: EXIT_MISUSED,
};

export const CALL_EXIT_CODE_HELP = section(
  'Exit codes',
  '0     a complete response, whatever its status',
  '1     another failure, such as a file that cannot be read to its end',
  '2     a wrong option, or a request that cannot be sent',
  '3     no connection',
  '4     a timeout',
  '5     what came is not an SCGI response',
  '6     the connection was closed without a response',
  '7     the response was cut short',
  '8     the response could not be written to stdout',
  '130   Ctrl-C',
);

const OPTIONS = [...CALL_TIME_FLAGS, HEAD_FLAG].map(({ option }) => option);

/** Makes the error that ends the command. */
export function callFailure(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  const code = readProperty(error, 'code');
  const message = textInFlags(errorText(error), OPTIONS);
  return new CommandError(message, EXIT_CODES[String(code)] ?? EXIT_FAILED);
}

/**
 * Passes the source on, for at most so many milliseconds.
 *
 * Error notifications: CommandError when the source has not completed in time; the source's.
 */
export function within<T>(ms: number, source: Observable<T>): Observable<T> {
  if (ms === Infinity) return source;
  const message = `no complete response within ${ms} ms (--timeout-ms)`;
  return source.pipe(
    takeUntil(timer(ms).pipe(mergeMap(() => throwError(() => new CommandError(message, EXIT_TIMEOUT))))),
  );
}
