/** The two sides of systemd that a service sees: sockets that are passed on, and a socket that takes messages. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { map } from 'rxjs';
import { linesOf } from './command.js';
import { Log } from '../sockets/log.js';
import { afterwards, temporaryFolder } from '../sockets/sockets.js';

const PROGRAMS = join(__dirname, 'programs');

/** What starts a command with these sockets, by their names: `{ web: '127.0.0.1:4000' }`. */
export function passingSockets(sockets: Readonly<Record<string, string>>): string[] {
  const named = Object.entries(sockets).map(([name, address]) => `${name}=${address}`);
  return ['python3', join(PROGRAMS, 'listen_fds.py'), ...named, '--'];
}

/** A message, as assignments; with the id of its sender, and when it came on the clock of MONOTONIC_USEC. */
export interface NotifyMessage {
  readonly sender: number;
  readonly usec: number;
  readonly [variable: string]: string | number;
}

/** Takes messages in the place of systemd. */
export class NotifySocket {
  private constructor(
    readonly path: string,
    private readonly log: Log<NotifyMessage>,
  ) {}

  static async open(): Promise<NotifySocket> {
    const path = join(temporaryFolder(), 'notify');
    const child = spawn('python3', [join(PROGRAMS, 'notify_socket.py'), path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    afterwards(() => child.kill('SIGKILL'));
    const log = new Log(linesOf(child.stdout).pipe(map((line) => JSON.parse(line) as NotifyMessage)));
    await log.value((message) => 'bound' in message);
    return new NotifySocket(path, log);
  }

  /** Waits for the message that says so, after `before` others that say so. */
  async message(assignment: string, before = 0): Promise<NotifyMessage> {
    const [variable, value] = assignment.split('=') as [string, string];
    let count = 0;
    return this.log.value((message) => message[variable] === value && count++ === before);
  }

  /** What the messages so far say of the service's state. */
  get states(): string[] {
    const names = ['READY', 'RELOADING', 'STOPPING'];
    return this.log.values.flatMap((message) => names.filter((name) => message[name] === '1'));
  }
}
