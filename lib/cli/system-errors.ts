/** Turns any error into the one that ends the command. */
import { readProperty } from '../core/error-facts.js';
import { CommandError, EXIT_FAILED, EXIT_MISUSED } from './command-error.js';
import { errorText } from './log/error-text.js';

/** The line that says why the command ends. */
export function commandErrorOf(error: unknown): CommandError {
  const address = readProperty(error, 'address');
  if (typeof address !== 'string') return new CommandError(errorText(error), EXIT_FAILED);
  // The error of an address says all in its message. The command line, or the service manager, has named the descriptor.
  const message = String(readProperty(error, 'message'));
  return new CommandError(message, address.startsWith('fd:') ? EXIT_MISUSED : EXIT_FAILED);
}
