/** What ends the command: one line for stderr, and an exit code. */
import { readProperty } from '../core/error-facts.js';
import { errorText } from './log/error-text.js';

/** Exit codes, as `--help` tells them. */
export const EXIT_FAILED = 1;
export const EXIT_MISUSED = 2;

export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    message: string,
    readonly exitCode: number,
  ) {
    super(message);
  }
}

/** Wrong use: `message`, and where to look. */
export function misuse(message: string, hint: string): CommandError {
  return new CommandError(`${message}; ${hint}`, EXIT_MISUSED);
}

/** The line that says why the command ends. */
export function commandErrorOf(error: unknown): CommandError {
  const address = readProperty(error, 'address');
  if (typeof address !== 'string') return new CommandError(errorText(error), EXIT_FAILED);
  // The error of an address says all in its message. The command line, or the service manager, has named the descriptor.
  const message = String(readProperty(error, 'message'));
  return new CommandError(message, address.startsWith('fd:') ? EXIT_MISUSED : EXIT_FAILED);
}
