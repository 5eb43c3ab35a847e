/** Prints errors that nobody else reports. */
import { errorLines, isClientError } from '../../core/errors/error-facts.js';
import { isScgiError } from '../../core/errors/errors.js';

/** Writes any thrown value to stderr, with its stack and its causes. */
export function printError(error: unknown): void {
  process.stderr.write(`${errorLines(error).join('\n')}\n`);
}

/** The `onError` of a server that was given none: prints what the application did wrong, and nothing that a peer can cause. */
export function printApplicationError(error: unknown): void {
  if (isClientError(error)) return;
  if (!isScgiError(error) || error.name === 'ScgiUsageError') printError(error);
}
