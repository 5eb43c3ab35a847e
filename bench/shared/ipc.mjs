/** Questions and answers between a process and its child, over the IPC channel. */

/** A stuck event loop fails a question instead of hanging it. */
const ANSWER_TIMEOUT_MS = 120_000;

/** The parent's side: asks a child to call its commands. */
export class Asker {
  #child;
  #asked = new Map();
  #nextId = 1;

  /** @param child - a child process with an IPC channel. */
  constructor(child) {
    this.#child = child;
    child.on('message', (message) => this.#settle(message));
    child.once('exit', () => this.#gone());
  }

  /** Calls a command of the child. @returns a Promise of what it returns. */
  ask(command, ...args) {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const late = { id, error: `${command}: no answer within ${ANSWER_TIMEOUT_MS} ms` };
      const timer = setTimeout(() => this.#settle(late), ANSWER_TIMEOUT_MS);
      this.#asked.set(id, { resolve, reject, timer });
      if (this.#child.connected) this.#child.send({ id, command, args });
      else this.#gone();
    });
  }

  /** Lets the child end. */
  disconnect() {
    if (this.#child.connected) this.#child.disconnect();
  }

  #settle({ id, result, error }) {
    const asked = this.#asked.get(id);
    if (!asked) return;
    this.#asked.delete(id);
    clearTimeout(asked.timer);
    if (error === undefined) asked.resolve(result);
    else asked.reject(new Error(error));
  }

  #gone() {
    const { exitCode, signalCode } = this.#child;
    const error = `the process has ended: ${exitCode ?? signalCode}`;
    for (const id of [...this.#asked.keys()]) this.#settle({ id, error });
  }
}

/** The child's side: answers with the commands that `commandOf` gives for a name. */
export function answer(commandOf) {
  process.on('message', ({ id, command, args }) => {
    Promise.resolve()
      .then(() => commandOf(command)(...args))
      .then(
        (result) => process.send?.({ id, result: result ?? null }),
        (error) => process.send?.({ id, error: error.stack }),
      );
  });
}
