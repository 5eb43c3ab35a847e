/** What `rxscgi config` prints. */
import { readProperty } from '../../../lib/core/errors/error-facts.js';
import { run } from '../../../lib/cli/run.js';

interface Printed {
  readonly text: string;
  /** The exit code. */
  readonly code: unknown;
}

/** Runs `rxscgi config`, which takes no time. */
export function runConfig(...args: readonly string[]): Printed {
  let text = '';
  let code: unknown = 0;
  run(['config', ...args]).subscribe({
    next: (line) => (text += `${line.text}\n`),
    error: (error: unknown) => {
      code = readProperty(error, 'exitCode');
      text += String(readProperty(error, 'message'));
    },
  });
  return { text, code };
}

/** @throws Error when the arguments are wrong. */
export function configText(...args: readonly string[]): string {
  const { text, code } = runConfig(...args);
  if (code !== 0) throw new Error(text);
  return text;
}
