/** What a benchmark has at hand: its options, a folder, programs that end with it, and a report to write to. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pairedRounds } from './rounds.mjs';
import { Program } from './program.mjs';

/** So many slices resolve about 2 % on a machine that others use, too. */
const ROUNDS = 60;

export class Scope {
  #finalizers = [];
  #folder;
  #sockets = 0;
  /** Names of the CPU profiles that its programs write at their end. */
  profiles = [];

  /**
   * @param name - the benchmark's.
   * @param options - `{ rounds, seconds, only, cpuProfile }`.
   * @param report - where rows go.
   */
  constructor(name, options, report) {
    this.name = name;
    this.options = options;
    this.report = report;
  }

  /** A private folder, with a short path, as those of Unix sockets must be. */
  get folder() {
    if (this.#folder === undefined) {
      const folder = mkdtempSync(join(tmpdir(), 'rxscgi-bench-'));
      this.#folder = folder;
      this.#finalizers.unshift(() => rmSync(folder, { recursive: true, force: true }));
    }
    return this.#folder;
  }

  /** An address for a program to listen on: any free port, or a socket file of its own. */
  address(transport) {
    return transport === 'tcp' ? '127.0.0.1:0' : `unix:${this.folder}/${this.#sockets++}.sock`;
  }

  /** A name for a CPU profile. */
  profileName(...parts) {
    return [this.name, ...parts].join('-').replace(/[^a-z0-9]+/gi, '-');
  }

  /** To be called when the benchmark is over, last one first. */
  defer(finalizer) {
    this.#finalizers.push(finalizer);
  }

  /** Starts a Node.js program that ends with the benchmark. @see Program.start */
  async start(file, args, options = {}) {
    const profile = this.options.cpuProfile ? options.profile : undefined;
    if (profile !== undefined) this.profiles.push(profile);
    const program = await Program.start(file, args, { ...options, profile });
    this.defer(() => program.stop());
    return program;
  }

  /** Measures the sides against each other; `--rounds` overrides how often. @see pairedRounds */
  rounds(sides, { rounds = ROUNDS, warmUps = 1 } = {}) {
    return pairedRounds(sides, this.options.rounds ?? rounds, warmUps);
  }

  /** Whether a case is to be measured; says so if it is. */
  begins(what) {
    if (!what.includes(this.options.only)) return false;
    process.stderr.write(`${this.name}: ${what}\n`);
    return true;
  }

  async end() {
    const finalizers = this.#finalizers.reverse();
    this.#finalizers = [];
    for (const finalizer of finalizers) await finalizer();
  }
}
