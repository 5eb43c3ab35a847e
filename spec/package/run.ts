/** Runs npm, and what it has installed. */
import { execFileSync } from 'node:child_process';

export const INSTALL_TIMEOUT_MS = 180_000;

/** @returns what it prints. @throws Error with all that it printed, when it fails. */
export function run(cwd: string, command: string, ...args: string[]): string {
  // Within `npm test`, npm would take this project for the one to install into.
  const env = { ...process.env, npm_config_local_prefix: undefined };
  try {
    return execFileSync(command, args, {
      cwd,
      env,
      encoding: 'utf8',
      timeout: INSTALL_TIMEOUT_MS,
      stdio: 'pipe',
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}
