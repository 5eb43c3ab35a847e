/** What a benchmark or a scenario works with: a folder, addresses, and what has to end with it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Scope {
  #finalizers = [];
  #sockets = 0;

  /** @param name - of the benchmark or the scenario. */
  constructor(name) {
    this.name = name;
  }

  /** Runs at the end, the last first, whatever happens. */
  defer(finalizer) {
    this.#finalizers.push(finalizer);
  }

  /** A private folder of its own, with a short path, because those of Unix sockets must be short. */
  newFolder() {
    const folder = mkdtempSync(join(tmpdir(), 'rxscgi-'));
    this.defer(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  }

  #folder;

  /** A private folder for everything whose names do not collide. */
  get folder() {
    return (this.#folder ??= this.newFolder());
  }

  /** An address to listen on: any free port for `tcp`, a socket file of its own for `unix`. */
  address(transport) {
    return transport === 'tcp' ? '127.0.0.1:0' : `unix:${this.folder}/${this.#sockets++}.sock`;
  }

  /** @param failed - is called with the error of a finalizer; the others run all the same. */
  async end(failed) {
    while (this.#finalizers.length > 0) {
      try {
        await this.#finalizers.pop()();
      } catch (error) {
        failed(error);
      }
    }
  }
}
