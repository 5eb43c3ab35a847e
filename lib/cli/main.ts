#!/usr/bin/env node
/** The `rxscgi` command: prints what `run` emits, and exits. */
import { CommandError, EXIT_FAILED } from './command-error.js';
import { escapeMessage } from '../core/printable-text.js';
import { isTerminalClosed } from './workers/hangups.js';
import { run } from './run.js';
import { commandErrorOf } from './system-errors.js';

// Whoever read the log has gone away: no reason to stop serving.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

// A command ends by `exit`; Node.js would end it without a word, as if all were well.
process.once('beforeExit', () => {
  process.stderr.write(
    'rxscgi: nothing is left to wait for: start(), or an await at the top of the module, never ends\n',
  );
  exit(EXIT_FAILED);
});

run(process.argv.slice(2)).subscribe({
  next: ({ to, text }) => process[to].write(`${text}\n`),
  error: (error: unknown) => {
    const { message, exitCode } = error instanceof CommandError ? error : commandErrorOf(error);
    // A worker's message is empty when its primary has the words.
    if (message !== '') process.stderr.write(`rxscgi: ${escapeMessage(message)}\n`);
    exit(exitCode);
  },
  complete: () => exit(0),
});

/** Ends the process once all is written and finalized, whatever the module may still have running. */
function exit(code: number): void {
  process.stdout.write('', () => process.stderr.write('', () => end(code)));
}

function end(code: number): void {
  // Node.js crashes as it exits when it cannot restore its terminal.
  if (isTerminalClosed()) process.kill(process.pid, 'SIGHUP');
  process.exit(code);
}
