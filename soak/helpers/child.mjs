/**
 * A process of a scenario: the server under test, a gateway, attackers. Each is a module that exports `start(options)`,
 * run by child-main.mjs with an IPC channel, and ends when its parent says so, or goes away.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Asker } from '../../bench/shared/ipc.mjs';
import { own, stopProcess } from '../../bench/shared/processes.mjs';

const MAIN = fileURLToPath(new URL('child-main.mjs', import.meta.url));

export class Child {
  #process;
  #asker;
  /** What `start` gave as `info`: the address, usually. */
  info;

  /**
   * @param module - a URL of a module that exports `start(options)`: `{ info, commands?, stop? }` or a Promise of it.
   * @param options - whatever it needs, as JSON.
   * @param runtime - of the process: `{ execArgv?, env? }`, beyond what every child has.
   */
  static async start(module, options = {}, { execArgv = [], env = {} } = {}) {
    const child = new Child();
    const args = [String(module), JSON.stringify(options)];
    const forked = fork(MAIN, args, {
      execArgv: ['--expose-gc', ...execArgv],
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

  /** Calls one of the module's `commands`, or one of those that every child has (see child-main.mjs). */
  ask(command, ...args) {
    return this.#asker.ask(command, ...args);
  }

  kill(signal) {
    this.#process.kill(signal);
  }

  /** Asks it to end, and makes it end. @returns its exit code. */
  stop() {
    return stopProcess(this.#process, () => this.#asker.disconnect());
  }
}
