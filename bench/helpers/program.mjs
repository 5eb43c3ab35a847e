/**
 * A Node.js program of a benchmark: a server, a client, one side of a micro-benchmark. It is an ordinary program that prints
 * `listening ADDRESS` or `ready`; measured.mjs is preloaded, and measures it.
 */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Asker } from '../shared/ipc.mjs';
import { own, stopProcess } from '../shared/processes.mjs';

const MEASURED = new URL('../load/measured.mjs', import.meta.url).href;
export const PROFILES = fileURLToPath(new URL('../profiles', import.meta.url));
const START_TIMEOUT_MS = 15_000;

export class Program {
  #process;
  #asker;
  #profile;
  /** The address that it listens on, if any. */
  address;

  /**
   * @param file - a path, or a URL.
   * @param profile - the name of a CPU profile of the whole run, on Node.js.
   * @param runtime - the path of Bun, instead of Node.js.
   */
  static async start(file, args = [], { execArgv = [], profile, env = process.env, runtime } = {}) {
    const program = new Program();
    const path = file instanceof URL ? fileURLToPath(file) : file;
    const flags = runtime
      ? ['--preload', fileURLToPath(MEASURED), '--expose-gc']
      : ['--import', MEASURED, '--expose-gc'];
    const stdio = ['ignore', 'pipe', 'inherit', 'ipc'];
    const child = own(
      spawn(runtime ?? process.execPath, [...flags, ...execArgv, path, ...args.map(String)], { stdio, env }),
    );
    program.#process = child;
    program.#asker = new Asker(child);
    try {
      program.address = await firstAddress(child, path);
      if (profile !== undefined && !runtime) await program.ask('startProfile');
      program.#profile = runtime ? undefined : profile;
    } catch (error) {
      await program.stop();
      throw error;
    }
    return program;
  }

  /** Calls a command of measured.mjs, or one that the program has added to them. */
  ask(command, ...args) {
    return this.#asker.ask(command, ...args);
  }

  /** Asks the program to end, and kills it if it does not. */
  async stop() {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    if (this.#profile !== undefined) {
      mkdirSync(PROFILES, { recursive: true });
      await this.ask('stopProfile', join(PROFILES, `${this.#profile}.cpuprofile`));
    }
    await stopProcess(this.#process, () => this.#asker.disconnect());
  }
}

async function firstAddress(child, path) {
  const lines = createInterface({ input: child.stdout });
  const timer = setTimeout(() => lines.close(), START_TIMEOUT_MS);
  try {
    for await (const line of lines) {
      const said = /^(?:ready|listening (\S+))$/.exec(line);
      if (said) return said[1];
    }
  } finally {
    clearTimeout(timer);
    // Later output must not fill the pipe.
    child.stdout.resume();
  }
  throw new Error(`${path} did not start`);
}
