/** What stops the command, in words that say what to do. */
import { dirname } from 'node:path';
import { errorFacts, readProperty } from '../core/error-facts.js';
import { CommandError, EXIT_FAILED } from './command-error.js';
import { errorText } from './log/error-text.js';

/** The line that says why the command ends. */
export function commandErrorOf(error: unknown): CommandError {
  return new CommandError(systemErrorText(error) ?? errorText(error), EXIT_FAILED);
}

function systemErrorText(error: unknown): string | undefined {
  const { code } = errorFacts(error);
  const [address, port] = [readProperty(error, 'address'), readProperty(error, 'port')];
  if (typeof address !== 'string') return undefined;
  if (code === 'EADDRINUSE' && typeof port === 'number') {
    return `${address.includes(':') ? `[${address}]` : address}:${port} is in use by another program`;
  }
  // The system reports a missing folder this way as well.
  if (code === 'EACCES' && address.startsWith('/')) {
    return `cannot make a socket in ${dirname(address)}: is the folder there, and may you write to it? (${code})`;
  }
  return undefined;
}
