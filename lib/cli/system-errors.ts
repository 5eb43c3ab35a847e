/** What the system says, in words that tell what to do. */
import { dirname } from 'node:path';
import { CommandError, EXIT_FAILED } from './command-error.js';
import { errorFacts } from './log/error-facts.js';

interface ListenError extends NodeJS.ErrnoException {
  readonly address?: string;
  readonly port?: number;
}

/** Whatever stops the command, as the line that says so. */
export function commandErrorOf(error: unknown): CommandError {
  return new CommandError(error instanceof Error ? textOf(error) : errorFacts(error).message, EXIT_FAILED);
}

function textOf(error: ListenError): string {
  const { code, message, address = '', port } = error;
  if (code === 'EADDRINUSE' && port !== undefined) {
    return `${address.includes(':') ? `[${address}]` : address}:${port} is in use by another program`;
  }
  // The system says so as well when there is no such folder.
  if (code === 'EACCES' && address.startsWith('/')) {
    return `cannot make a socket in ${dirname(address)}: is the folder there, and may you write to it? (${code})`;
  }
  return message;
}
