/** The `rxscgi` command, as a person runs it: a process of its own, from the build. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { EMPTY, Observable } from 'rxjs';
import { ROOT, requireBuild } from './build.js';
import { Log } from '../sockets/log.js';
import { afterwards } from '../sockets/sockets.js';

const MAIN = join(ROOT, 'dist/esm/cli/main.js');

/** What Node.js loads before the command. */
export const ONE_FILE_RXJS = join(__dirname, 'one-file-rxjs.js');

export const FIXTURES = join(ROOT, 'spec/cli/fixtures');

/** To be called once in a spec file that starts the command: fails if its build is out of date. */
export function useBuiltCommand(): void {
  beforeAll(requireBuild);
}

export interface CommandOptions {
  /** Variables on top of those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** What Node.js runs: a path seen from the current folder. Default: the command. */
  readonly main?: string;
  /** The current folder. Default: the fixtures. */
  readonly cwd?: string;
  /** The Node.js that runs it. Default: the one that runs this. */
  readonly node?: string;
  /** A program, with its arguments, that starts the command, and gives its place to it. */
  readonly launcher?: readonly string[];
  /** Descriptors for its output, which is then not read here. */
  readonly stdout?: number;
  readonly stderr?: number;
}

/** What a command came to. */
export interface CommandEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

/** Runs from its construction on; killed after the test at the latest. */
export class Command {
  readonly stdout: Log<string>;
  readonly stderr: Log<string>;
  private readonly child: ChildProcess;
  private readonly exited: Promise<[number | null, NodeJS.Signals | null]>;

  constructor(args: readonly string[], options: CommandOptions = {}) {
    const { env = {}, main = MAIN, cwd = FIXTURES, launcher = [], node = process.execPath } = options;
    const { stdout = 'pipe', stderr = 'pipe' } = options;
    const [program = '', ...rest] = [...launcher, node, '--require', ONE_FILE_RXJS, main, ...args];
    const child = spawn(program, rest, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', stdout, stderr],
    });
    this.child = child;
    this.exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    this.stdout = new Log(child.stdout ? linesOf(child.stdout) : EMPTY);
    this.stderr = new Log(child.stderr ? linesOf(child.stderr) : EMPTY);
    afterwards(() => child.kill('SIGKILL'));
  }

  get pid(): number {
    return this.child.pid as number;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Reads no more of what it writes, as a log reader that has crashed. */
  closeOutput(): void {
    this.child.stdout?.destroy();
    this.child.stderr?.destroy();
  }

  /** Waits for the end, and for all that was written. */
  async end(): Promise<CommandEnd> {
    const [code, signal] = await this.exited;
    await Promise.all([this.stdout.over(), this.stderr.over()]);
    return { code, signal, stdout: this.stdout.values, stderr: this.stderr.values };
  }

  /** The addresses of `serve`, as it says that they are bound. */
  async addresses(count: number): Promise<string[]> {
    const addresses: string[] = [];
    await this.stderr.value((line) => {
      const address = /^rxscgi: listening on (.*)$/.exec(line)?.[1];
      if (address !== undefined) addresses.push(address);
      return addresses.length === count;
    });
    return addresses;
  }

  /** The address of `serve`, which has one. */
  async address(): Promise<string> {
    return (await this.addresses(1))[0] as string;
  }

  /** The process ids of the first workers of `serve --workers`, as it says that they listen. */
  async workers(count: number): Promise<number[]> {
    const pids: number[] = [];
    await this.stderr.value((line) => {
      const pid = /^rxscgi: worker (\d+) listens$/.exec(line)?.[1];
      if (pid !== undefined) pids.push(Number(pid));
      return pids.length === count;
    });
    return pids;
  }

  /** The URL that `dev` prints. */
  url(): Promise<string> {
    return this.stdout.value((line) => line.startsWith('http://'));
  }
}

/** Runs a command that ends by itself. */
export function runCommand(args: readonly string[], options?: CommandOptions): Promise<CommandEnd> {
  return new Command(args, options).end();
}

/** A stream's lines. */
export function linesOf(stream: Readable): Observable<string> {
  return new Observable((subscriber) => {
    const lines = createInterface({ input: stream });
    lines.on('line', (line) => subscriber.next(line)).on('close', () => subscriber.complete());
    stream.on('close', () => subscriber.complete());
    return () => lines.close();
  });
}
