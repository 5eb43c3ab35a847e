/** A server that is no Node.js program: started, awaited, and ended by its process id. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 10_000;
const POLL_MS = 10;
/** What the fields of /proc/PID/stat count in; 100 a second on all that Linux runs on. */
const MICROS_PER_TICK = 10_000;

/** `127.0.0.1:4000` or `unix:/path`, as `net.connect` takes it. */
export function connectOptions(address) {
  if (address.startsWith('unix:')) return { path: address.slice('unix:'.length) };
  const [host, port] = address.split(':');
  return { host, port: Number(port) };
}

/** Whether somebody accepts connections there. */
export async function accepts(address) {
  const socket = connect(connectOptions(address));
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Microseconds of CPU that a process has taken so far; NaN where the system does not tell. */
export function cpuOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is a name in parentheses, which may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * MICROS_PER_TICK;
  } catch {
    return NaN;
  }
}

export class Service {
  #process;

  /** @param address - where it is going to accept connections. @param logPath - where its output goes. */
  static async start(path, args, address, logPath) {
    const service = new Service();
    const log = openSync(logPath, 'a');
    service.#process = spawn(path, args, { stdio: ['ignore', log, log] });
    const child = service.#process;
    const deadline = performance.now() + START_TIMEOUT_MS;
    while (!(await accepts(address))) {
      if (child.exitCode !== null || performance.now() > deadline) {
        await service.stop();
        throw new Error(`${path} did not start: ${readFileSync(logPath, 'utf8').slice(-500)}`);
      }
      await delay(POLL_MS);
    }
    return service;
  }

  get pid() {
    return this.#process.pid;
  }

  cpu() {
    return cpuOf(this.pid);
  }

  async stop() {
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(killer);
  }
}
