/** What benchmarks and scenarios have in common: a folder, addresses, and finalizers that run at the end. */
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

  /** Adds a finalizer. Finalizers run at the end, the last one first. */
  defer(finalizer) {
    this.#finalizers.push(finalizer);
  }

  /** Makes a private folder. Its path is short, because paths of Unix sockets must be short. */
  newFolder() {
    const folder = mkdtempSync(join(tmpdir(), 'rxscgi-'));
    this.defer(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  }

  #folder;

  /** A private folder, for files whose names do not collide. */
  get folder() {
    return (this.#folder ??= this.newFolder());
  }

  /** Returns an address to listen on: any free port for `tcp`, a new socket file for `unix`. */
  address(transport) {
    return transport === 'tcp' ? '127.0.0.1:0' : `unix:${this.folder}/${this.#sockets++}.sock`;
  }

  /** Runs the finalizers. @param failed - called with the error of a finalizer; the others run all the same. */
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
