/** Sends GETs through a gateway from many clients until it is stopped. Each answer names the process that gave it. */
import { get } from './http-client.mjs';

export class Load {
  #over = false;
  #work;
  #url;
  #waiting = new Set();
  total = 0;
  failed = [];
  /** The times of the first and the last answer of each process. */
  processes = new Map();

  constructor(url, clients) {
    this.#url = `${url}/pid`;
    this.#work = Promise.all(Array.from({ length: clients }, () => this.#run()));
  }

  /** The processes that have answered after `time`. */
  since(time) {
    return [...this.processes].filter(([, { last }]) => last > time).map(([pid]) => pid);
  }

  /** Resolves with `true` when the condition holds after some answer, or with `false` after `withinMs`. */
  until(condition, withinMs) {
    return new Promise((resolve) => {
      const done = (result) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(result);
      };
      const timer = setTimeout(done, withinMs, false);
      const look = () => condition() && done(true);
      this.#waiting.add(look);
      look();
    });
  }

  async stop() {
    this.#over = true;
    await this.#work;
  }

  async #run() {
    while (!this.#over) {
      const { status, text, complete, error } = await get(this.#url);
      this.total++;
      const now = performance.now();
      if (status !== 200 || !complete || !/^[0-9]+$/.test(text)) {
        this.failed.push(`${status ?? 'no status'} ${error ?? ''}`);
      } else {
        const times = this.processes.get(Number(text)) ?? { first: now };
        times.last = now;
        this.processes.set(Number(text), times);
      }
      for (const look of this.#waiting) look();
    }
  }
}
