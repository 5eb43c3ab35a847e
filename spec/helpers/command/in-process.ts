/** Runs a command that ends by itself in this process, which takes no time to start. */
import { CommandError } from '../../../lib/cli/command-error.js';
import type { LogLine } from '../../../lib/cli/log/log-output.js';
import { run } from '../../../lib/cli/run.js';

export interface InProcessEnd {
  /** The exit code. */
  readonly code: number;
  /** The message of the end; empty for success. */
  readonly message: string;
  /** The lines that the command emitted until its end. */
  readonly lines: readonly string[];
  /** What it wrote to stdout besides, as ISO-8859-1. */
  readonly bytes: string;
}

/** @throws Error when it ended with something else than a CommandError. */
export async function runInProcess(args: readonly string[]): Promise<InProcessEnd> {
  const lines: string[] = [];
  let bytes = '';
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((chunk, ...rest) => {
    bytes += Buffer.from(chunk as Uint8Array).toString('latin1');
    const written = rest.at(-1) as (() => void) | undefined;
    setImmediate(() => written?.());
    return true;
  });
  try {
    let failure: unknown;
    await new Promise<void>((resolve) => {
      run(args).subscribe({
        next: ({ text }: LogLine) => lines.push(text),
        error: (error: unknown) => {
          failure = error;
          resolve();
        },
        complete: resolve,
      });
    });
    if (failure === undefined) return { code: 0, message: '', lines, bytes };
    if (!(failure instanceof CommandError)) throw new Error('not a CommandError', { cause: failure });
    return { code: failure.exitCode, message: failure.message, lines, bytes };
  } finally {
    write.mockRestore();
  }
}
