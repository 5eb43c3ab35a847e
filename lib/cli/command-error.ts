/** What ends the command: one line for stderr, and an exit code. */
import { readProperty } from '../core/errors/error-facts.js';
import { errorText } from './log/error-text.js';

/** Exit codes; `--help` lists them. */
export const EXIT_FAILED = 1;
export const EXIT_MISUSED = 2;

export class CommandError extends Error {
  override readonly name = 'CommandError';

  /** @param lines - what helps to find the cause, such as the stack of the application's error; safe to print. */
  constructor(
    message: string,
    readonly exitCode: number,
    readonly lines: readonly string[] = [],
  ) {
    super(message);
  }
}

/** Makes the error for wrong usage. @param hint - where to find help. */
export function misuse(message: string, hint: string): CommandError {
  return new CommandError(`${message}; ${hint}`, EXIT_MISUSED);
}

/** The line that says why the command ends. */
export function commandErrorOf(error: unknown): CommandError {
  const address = readProperty(error, 'address');
  if (typeof address !== 'string') return new CommandError(errorText(error), EXIT_FAILED);
  // The message about an address is complete. A wrong descriptor is a mistake of the command line, or of the service manager.
  const message = String(readProperty(error, 'message'));
  return new CommandError(message, address.startsWith('fd:') ? EXIT_MISUSED : EXIT_FAILED);
}
