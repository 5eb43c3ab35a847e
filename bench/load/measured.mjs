/**
 * Preloaded into every program: answers the benchmark's questions about the process over an IPC channel, which costs nothing in
 * between, and ends the process when the benchmark disconnects.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { answer } from '../shared/ipc.mjs';
import { collect, memory, peakRss } from '../shared/memory.mjs';

const SOCKETS = new Set(['TCPSocketWrap', 'PipeWrap']);

let profiler;

/** Programs may add commands of their own. */
export const commands = {
  /** Microseconds of CPU so far, of all threads, including those that compile and collect garbage. */
  cpu() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },

  /** The CPU profiler slows down what it watches. */
  async startProfile() {
    // Loaded only here, because it takes memory.
    const { Session } = await import('node:inspector/promises');
    profiler = new Session();
    profiler.connect();
    await profiler.post('Profiler.enable');
    await profiler.post('Profiler.start');
  },
  async stopProfile(path) {
    const { profile } = await profiler.post('Profiler.stop');
    writeFileSync(path, JSON.stringify(profile));
  },

  /** After garbage collections. */
  async memory() {
    await collect();
    return memory();
  },

  /** Bytes, since the process began. */
  peakRss,

  /** Counts open sockets and pipes, including a listening Unix socket. */
  sockets() {
    return process.getActiveResourcesInfo().filter((type) => SOCKETS.has(type)).length;
  },

  /** Resolves once `count` of them are open. */
  async awaitSockets(count, timeoutMs = 10_000) {
    const deadline = performance.now() + timeoutMs;
    while (commands.sockets() !== count) {
      if (performance.now() > deadline)
        throw new Error(`${commands.sockets()} sockets are open, not ${count}`);
      await delay(5);
    }
  },
};

if (process.send) {
  answer((name) => commands[name]);
  process.on('disconnect', () => process.exit());
}
