/** What ends the command: one line for stderr, and an exit code. */

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
