/** Runs a web server, or an application, as a child process: it has started when it accepts connections, and stopped when it has exited. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_INTERVAL_MS = 10;
const STOP_TIMEOUT_MS = 10_000;

/** Matches the log of a web server whose worker process was killed by a signal. */
const WORKER_CRASH = /exited on signal|exit signal/;

export interface GatewayCommand {
  readonly executable: string;
  readonly args: readonly string[];
  /** The port of 127.0.0.1, or the path of the Unix socket, that it listens on. */
  readonly port: number | string;
  readonly errorLogPath: string;
}

export class GatewayProcess {
  private readonly child: ChildProcess;
  private stderr = '';

  private constructor(private readonly command: GatewayCommand) {
    this.child = spawn(command.executable, command.args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.child.on('error', (error) => (this.stderr += error.message));
  }

  /** @throws Error with the error log, when the process ends instead of accepting connections. */
  static async start(command: GatewayCommand): Promise<GatewayProcess> {
    const process = new GatewayProcess(command);
    while (process.isRunning) {
      // If the child is not running, another program accepted.
      if ((await accepts(command.port)) && process.isRunning) return process;
      await delay(POLL_INTERVAL_MS);
    }
    throw process.crash('did not start');
  }

  /** @throws Error with the error log, when the server or one of its worker processes had crashed before. */
  async stop(): Promise<void> {
    if (!this.isRunning) throw this.crash('crashed');
    // Checked before the signal: Apache's workers sometimes crash while they are being ended, which does not matter.
    const workerCrash = WORKER_CRASH.test(this.errorLog)
      ? this.crash('had a worker process crash')
      : undefined;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const killer = setTimeout(() => this.child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(killer);
    if (workerCrash) throw workerCrash;
  }

  /** Everything that it wrote to its error log and to stderr. */
  private get errorLog(): string {
    const { errorLogPath } = this.command;
    return this.stderr + (existsSync(errorLogPath) ? readFileSync(errorLogPath, 'utf8') : '');
  }

  private get isRunning(): boolean {
    return this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  private crash(what: string): Error {
    return new Error(`${this.command.executable} ${what}; its error log:\n${this.errorLog}`);
  }
}

function accepts(port: number | string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = typeof port === 'string' ? connect(port) : connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
