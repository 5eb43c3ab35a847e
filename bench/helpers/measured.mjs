/**
 * Preloaded into every program: answers what the benchmark asks about the process, over an IPC channel that costs nothing
 * while nobody asks, and ends the process when the benchmark lets go of it.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { answer } from '../shared/ipc.mjs';
import { collect, memory, peakRss } from '../shared/memory.mjs';

const SOCKETS = new Set(['TCPSocketWrap', 'PipeWrap']);

let profiler;

/** Programs may add theirs. */
export const commands = {
  /** Microseconds of CPU so far, of all threads, those that compile and collect included. */
  cpu() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },

  /** The CPU profiler slows down what it watches. */
  async startProfile() {
    // Here, as it takes memory that others would be charged with.
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

  /** Sockets and pipes that are open; of a Unix socket also the one that listens. */
  sockets() {
    return process.getActiveResourcesInfo().filter((type) => SOCKETS.has(type)).length;
  },

  /** Returns once that many are open. */
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
