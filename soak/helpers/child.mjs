/**
 * A process of a scenario: the server under test, a gateway, attackers. Each is a module that exports `start(options)`. It is run
 * by child-main.mjs with an IPC channel, and ends when its parent asks it to, or has gone.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Asker } from '../../bench/shared/ipc.mjs';
import { own, stopProcess } from '../../bench/shared/processes.mjs';

const MAIN = fileURLToPath(new URL('child-main.mjs', import.meta.url));

export class Child {
  #process;
  #asker;
  /** The `info` that `start` returned, usually the address. */
  info;

  /**
   * @param module - a URL of a module that exports `start(options)`: `{ info, commands?, stop? }` or a Promise of it.
   * @param options - what the module needs; passed as JSON.
   * @param process - more for the process: `{ execArgv?, env?, runtime? }`; `execArgv` is for Node.js alone.
   */
  static async start(module, options = {}, { execArgv = [], env = {}, runtime = process.execPath } = {}) {
    const child = new Child();
    const args = [String(module), JSON.stringify(options)];
    const forked = fork(MAIN, args, {
      execPath: runtime,
      execArgv: ['--expose-gc', ...(runtime === process.execPath ? execArgv : [])],
      env: { ...process.env, ...env },
    });
    child.#process = own(forked);
    child.#asker = new Asker(forked);
    try {
      child.info = await child.ask('start');
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
    return child;
  }

  /** Calls one of the module's `commands`, or a command that every child has (see child-main.mjs). */
  ask(command, ...args) {
    return this.#asker.ask(command, ...args);
  }

  kill(signal) {
    this.#process.kill(signal);
  }

  /** Asks the process to end, and kills it if it does not. @returns its exit code. */
  stop() {
    return stopProcess(this.#process, () => this.#asker.disconnect());
  }
}
