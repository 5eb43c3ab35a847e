#!/usr/bin/env node
/** The `rxscgi` command: prints what `run` emits, and exits. */
import { CommandError, EXIT_FAILED, commandErrorOf } from './command-error.js';
import { escapeMessage } from '../core/text/printable-text.js';
import { LogOutput } from './log/log-output.js';
import { isTerminalClosed } from './process/stop-signals.js';
import { run } from './run.js';

const output = new LogOutput(process);

// A command always ends by `exit`. Here Node.js would end it with 0 and without a message.
process.once('beforeExit', () => {
  fail('nothing is left to wait for: start(), or a top-level await of the module, never ends', EXIT_FAILED);
});

run(process.argv.slice(2)).subscribe({
  next: (line) => output.print(line),
  error: (error: unknown) => {
    const { message, exitCode } = error instanceof CommandError ? error : commandErrorOf(error);
    fail(message, exitCode);
  },
  complete: () => exit(0),
});

function fail(message: string, exitCode: number): void {
  // A worker's message is empty when its primary prints it.
  if (message !== '') output.print({ to: 'stderr', text: `rxscgi: ${escapeMessage(message)}` });
  exit(exitCode);
}

/** Ends the process when everything has been written, even if the module still has timers or sockets. */
function exit(code: number): void {
  output.flush(() => end(code));
}

function end(code: number): void {
  // Node.js crashes on exit when it cannot restore its terminal.
  if (isTerminalClosed()) process.kill(process.pid, 'SIGHUP');
  process.exit(code);
}
