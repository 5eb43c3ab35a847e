/**
 * A process of a scenario: the server under test, a gateway, attackers. Each is a module that exports `start(options)`,
 * run by child-main.mjs with an IPC channel, and ends when its parent says so, or goes away.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { own, stopProcess } from './processes.mjs';

const MAIN = fileURLToPath(new URL('child-main.mjs', import.meta.url));
/** So that an event loop that is stuck fails a scenario, and does not hang it. */
const ANSWER_TIMEOUT_MS = 60_000;

export class Child {
  #process;
  #asked = new Map();
  #nextId = 1;
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
    child.#process = own(
      fork(MAIN, args, { execArgv: ['--expose-gc', ...execArgv], env: { ...process.env, ...env } }),
    );
    child.#process.on('message', (message) => child.#receive(message));
    child.#process.once('exit', () => child.#gone());
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

  kill(signal) {
    this.#process.kill(signal);
  }

  /** Asks it to end, and makes it end. @returns its exit code. */
  stop() {
    return stopProcess(this.#process, () => {
      if (this.#process.connected) this.#process.disconnect();
    });
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
      this.#receive({ id, error: `the process has ended: ${exitCode ?? signalCode}` });
  }
}
