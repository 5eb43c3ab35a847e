/**
 * A Node.js program of a benchmark: a server, a client, one side of a micro-benchmark. It is an ordinary program, which
 * says `listening ADDRESS` or `ready` on its standard output; what measures it is preloaded (see measured.mjs).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MEASURED = new URL('measured.mjs', import.meta.url).href;
export const PROFILES = fileURLToPath(new URL('../profiles', import.meta.url));
const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 300_000;

export class Program {
  #process;
  #asked = new Map();
  #nextId = 1;
  #profile;
  /** Where it listens, if it does. */
  address;

  /**
   * @param file - a path, or a URL.
   * @param profile - the name of a CPU profile, from here to its end.
   */
  static async start(file, args = [], { execArgv = [], profile, env = process.env } = {}) {
    const program = new Program();
    const path = file instanceof URL ? fileURLToPath(file) : file;
    const flags = ['--import', MEASURED, '--expose-gc', ...execArgv];
    program.#process = spawn(process.execPath, [...flags, path, ...args.map(String)], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env,
    });
    program.#process.on('message', (message) => program.#receive(message));
    program.#process.once('exit', () => program.#gone());
    try {
      program.address = await firstAddress(program.#process, path);
      if (profile !== undefined) await program.ask('startProfile');
      program.#profile = profile;
    } catch (error) {
      await program.stop();
      throw error;
    }
    return program;
  }

  get pid() {
    return this.#process.pid;
  }

  /** Calls a command of measured.mjs, or one that the program has added. */
  ask(command, ...args) {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#receive({ id, error: `${command}: no answer within ${ANSWER_TIMEOUT_MS} ms` }),
        ANSWER_TIMEOUT_MS,
      );
      this.#asked.set(id, { resolve, reject, timer });
      if (this.#process.connected) this.#process.send({ id, command, args });
      else this.#gone();
    });
  }

  /** Lets it end, and sees to it that it does. */
  async stop() {
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null) return;
    if (this.#profile !== undefined) {
      mkdirSync(PROFILES, { recursive: true });
      await this.ask('stopProfile', join(PROFILES, `${this.#profile}.cpuprofile`));
    }
    const ended = once(child, 'exit');
    if (child.connected) child.disconnect();
    const killer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(killer);
  }

  #receive({ id, result, error }) {
    const asked = this.#asked.get(id);
    if (!asked) return;
    this.#asked.delete(id);
    clearTimeout(asked.timer);
    if (error === undefined) asked.resolve(result);
    else asked.reject(new Error(error));
  }

  #gone() {
    const { exitCode, signalCode } = this.#process;
    for (const id of [...this.#asked.keys()])
      this.#receive({ id, error: `the program has ended: ${exitCode ?? signalCode}` });
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
    // What it says later must not fill the pipe.
    child.stdout.resume();
  }
  throw new Error(`${path} did not start`);
}
