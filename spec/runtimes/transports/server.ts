/** Runs program.mjs on a runtime. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { textOf } from '../../../lib/testing/index.js';
import { exchange } from './gateway.js';

const LISTEN_FDS = join(__dirname, '../../helpers/command/programs/listen_fds.py');
const PROGRAM = join(__dirname, 'program.mjs');

export interface Tally {
  /** Bytes that were pulled of downloads. */
  readonly pulled: number;
  /** Handlers and bodies that were unsubscribed. */
  readonly left: number;
  readonly aborted: number;
  /** Failures by code. */
  readonly failures: Readonly<Record<string, number>>;
  /** The type of the last event. */
  readonly last: string;
}

export class TransportServer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly exited: Promise<unknown[]>,
    private readonly lines: AsyncIterator<string>,
    /** Where it listens. */
    readonly addresses: readonly string[],
  ) {}

  /** @param inherited - the path of a Unix socket that the program is to inherit, as from systemd. */
  static async start(
    runtime: string,
    entry: string,
    options: object,
    inherited?: string,
  ): Promise<TransportServer> {
    const stdio: ('ignore' | 'pipe' | 'inherit')[] = ['ignore', 'pipe', 'inherit'];
    const command = [runtime, PROGRAM, entry, JSON.stringify(options)];
    if (inherited !== undefined) command.unshift('python3', LISTEN_FDS, `app=unix:${inherited}`, '--');
    const child = spawn(command[0]!, command.slice(1), { stdio });
    const exited = once(child, 'exit');
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done === true) throw new Error(`${runtime} did not start`);
    return new TransportServer(child, exited, lines, JSON.parse(first.value) as string[]);
  }

  async tally(): Promise<Tally> {
    const { response } = await exchange(this.addresses[0]!, { uri: '/tally' });
    return JSON.parse(textOf(response.body)) as Tally;
  }

  /** Asks until the tally is as expected, or the test has had its time. */
  async tallyWhen(expected: (tally: Tally) => boolean): Promise<Tally> {
    for (;;) {
      const tally = await this.tally();
      if (expected(tally)) return tally;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  resetPeakRss(): void {
    writeFileSync(`/proc/${this.child.pid}/clear_refs`, '5');
  }

  /** The highest RSS since `resetPeakRss`, in bytes. */
  peakRss(): number {
    return this.memory('VmHWM');
  }

  rss(): number {
    return this.memory('VmRSS');
  }

  /** Stops the whole process while `work` runs. */
  async suspended<T>(work: () => Promise<T>): Promise<T> {
    this.child.kill('SIGSTOP');
    try {
      return await work();
    } finally {
      this.child.kill('SIGCONT');
    }
  }

  drain(): void {
    this.child.kill('SIGTERM');
  }

  /** Waits for its end. @returns what it printed last, and its exit code. */
  async ended(): Promise<{ tally: Tally; code: unknown }> {
    const last = await this.lines.next();
    const code = (await this.exited)[0];
    return { tally: JSON.parse(last.value as string) as Tally, code };
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private memory(name: string): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'latin1');
    return Number(new RegExp(`^${name}:\\s*([0-9]+) kB$`, 'm').exec(status)?.[1]) * 1024;
  }
}

/** What the program answers to `/download`. */
export function downloadOf(bytes: number): Buffer {
  return Buffer.alloc(
    bytes,
    Uint8Array.from({ length: 65_536 }, (_, index) => index % 251),
  );
}

export function downloadDigest(bytes: number): string {
  return createHash('sha256').update(downloadOf(bytes)).digest('hex');
}
