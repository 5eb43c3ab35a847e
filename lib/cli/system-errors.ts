/** Turns any error into the one that ends the command. */
import { CommandError, EXIT_FAILED, EXIT_MISUSED } from './command-error.js';
import { errorFacts } from './log/error-facts.js';

/** What stops the command, as the line that says so. */
export function commandErrorOf(error: unknown): CommandError {
  const { message } = errorFacts(error);
  // The command line, or the service manager, has named a descriptor that cannot be listened on.
  const { address } = (error ?? {}) as { address?: unknown };
  const isMisused = typeof address === 'string' && address.startsWith('fd:');
  return new CommandError(message, isMisused ? EXIT_MISUSED : EXIT_FAILED);
}
