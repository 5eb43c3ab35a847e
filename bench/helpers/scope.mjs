/** What a benchmark works with: its options, programs that end with it, and the report. */
import { startNginx } from '../shared/nginx.mjs';
import { Scope } from '../shared/scope.mjs';
import { Program } from './program.mjs';
import { pairedGenerations, pairedRounds } from './rounds.mjs';

/** So many slices resolve about 2 % on a machine that others use, too. */
const ROUNDS = 60;
/** So often the processes are started anew. */
export const GENERATIONS = 8;
/** Until the code is compiled; threads of the process that compile would count as its CPU. */
const WARM_UP_SECONDS = 1.5;

export class BenchmarkScope extends Scope {
  /** Names of the CPU profiles that its programs write at their end. */
  profiles = [];

  /**
   * @param name - the benchmark's.
   * @param options - those of command-line.mjs.
   * @param report - where rows go.
   */
  constructor(name, options, report) {
    super(name);
    this.options = options;
    this.report = report;
  }

  /** A name for a CPU profile. */
  profileName(...parts) {
    return [this.name, ...parts].join('-').replace(/[^a-z0-9]+/gi, '-');
  }

  /** Starts a Node.js program that ends with the benchmark. @see Program.start */
  async start(file, args, options = {}) {
    const profile = this.options.cpuProfile ? options.profile : undefined;
    if (profile !== undefined && !this.profiles.includes(profile)) this.profiles.push(profile);
    const program = await Program.start(file, args, { ...options, profile });
    this.defer(() => program.stop());
    return program;
  }

  /** Starts nginx, one at a time. @see startNginx */
  async nginx(sites) {
    const nginx = await startNginx(this.folder, sites);
    this.defer(nginx.stop);
    return nginx;
  }

  /** Measures the sides against each other; `--rounds` overrides how often. @see pairedRounds */
  rounds(sides, { rounds = ROUNDS, warmUps = 1 } = {}) {
    return pairedRounds(sides, this.options.rounds ?? rounds, warmUps);
  }

  /**
   * The same, in shares, each with processes of its own.
   *
   * @param start - starts the sides. @returns a Promise of `{ sides, stop() }`.
   * @param warmUpSeconds - of each side, before what counts.
   * @see pairedGenerations
   */
  generations(start, warmUpSeconds = WARM_UP_SECONDS) {
    const { rounds = ROUNDS, seconds } = this.options;
    return pairedGenerations(GENERATIONS, async () => {
      const { sides, stop } = await start();
      const warmUps = Math.ceil(warmUpSeconds / seconds);
      const samples = await pairedRounds(sides, Math.ceil(rounds / GENERATIONS), warmUps);
      await stop();
      return samples;
    });
  }

  /** Whether a case is to be measured; says so if it is. */
  begins(what) {
    if (!what.includes(this.options.only)) return false;
    process.stderr.write(`${this.name}: ${what}\n`);
    return true;
  }
}
