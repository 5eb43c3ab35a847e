/** What the commands have in common. */
import type { Observable } from 'rxjs';
import type { Flag } from './flags/flags.js';
import type { LogLine } from './log/log-output.js';
import type { ParsedFlags } from './flags/parse-flags.js';

/** A command of `rxscgi`. */
export interface Command {
  readonly name: string;
  readonly flags: readonly Flag[];
  /** What `--help` prints. */
  readonly help: string;
  /**
   * Runs the command: cold; completes when it has ended.
   *
   * @throws CommandError when an option is wrong.
   * Error notifications: CommandError, and the system's errors.
   */
  run(parsed: ParsedFlags): Observable<LogLine>;
}

/** Returns the hint where to find help. */
export function seeHelp(command?: string): string {
  return `see rxscgi ${command === undefined ? '' : `${command} `}--help`;
}
