/** Runs the command that the arguments name. */
import { nearest } from '../core/text/nearest.js';
import { defer, of, type Observable } from 'rxjs';
import { misuse } from './command-error.js';
import { seeHelp, type Command } from './command.js';
import { configCommand } from './commands/config-command.js';
import { devCommand } from './commands/dev-command.js';
import { gatewayCommand } from './commands/gateway-command.js';
import { GENERAL_HELP, VERSION } from './help.js';
import type { LogLine } from './log/log-output.js';
import { parseFlags } from './flags/parse-flags.js';
import { pingCommand } from './commands/ping-command.js';
import { requestCommand } from './commands/request-command.js';
import { serveCommand } from './commands/serve-command.js';

const COMMANDS: readonly Command[] = [
  serveCommand,
  devCommand,
  gatewayCommand,
  requestCommand,
  pingCommand,
  configCommand,
];

/**
 * Runs a command: cold.
 *
 * @param args - the command line, without `node` and the script.
 * Error notifications: CommandError, and the system's errors.
 */
export function run(args: readonly string[]): Observable<LogLine> {
  return defer(() => {
    const [word, ...rest] = args;
    switch (word) {
      case undefined:
        throw misuse(`no command: ${COMMANDS.map(({ name }) => name).join(', ')}`, seeHelp());
      case '--help':
      case '-h':
        return print(GENERAL_HELP);
      case 'help':
        return print(rest[0] === undefined ? GENERAL_HELP : commandOf(rest[0]).help);
      case '--version':
      case '-v':
        return print(VERSION);
      default:
        return runCommand(commandOf(word), rest);
    }
  });
}

function runCommand(command: Command, args: readonly string[]): Observable<LogLine> {
  const parsed = parseFlags(args, command.flags, seeHelp(command.name));
  return parsed.values.has('help') ? print(command.help) : command.run(parsed);
}

function commandOf(word: string): Command {
  const command = COMMANDS.find(({ name }) => name === word);
  if (command) return command;
  if (word.startsWith('-')) throw misuse(`there is no option ${word} before a command`, seeHelp());
  const meant = nearest(
    word,
    COMMANDS.map(({ name }) => name),
  );
  throw misuse(
    `there is no command ${word}`,
    meant === undefined ? seeHelp() : `did you mean rxscgi ${meant}?`,
  );
}

function print(text: string): Observable<LogLine> {
  return of({ to: 'stdout', text });
}
