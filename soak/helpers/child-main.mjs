/** Runs in a child process: starts a module, answers the questions of the parent, and ends when the parent disconnects. */
import { answer } from '../../bench/shared/ipc.mjs';
import { collect, memory, peakRss, resetPeakRss } from '../../bench/shared/memory.mjs';

const [, , module, options] = process.argv;

/** Errors and warnings that reached the process. There should be none. */
const escaped = [];
for (const event of ['uncaughtException', 'unhandledRejection', 'warning']) {
  process.on(event, (error) => {
    // apps/unreliable.mjs causes this one when it counts what is left.
    if (error?.message.includes('v8.queryObjects')) return;
    escaped.push(`${event}: ${error?.stack ?? error}`);
  });
}

let app;
const common = {
  start: async () => {
    const { start } = await import(module);
    app = await start(JSON.parse(options));
    return app.info;
  },
  /** After a garbage collection. */
  memory: async () => {
    await collect();
    return memory();
  },
  resetPeakRss,
  peakRss,
  escaped: () => escaped,
};

answer((name) => common[name] ?? app.commands[name]);
process.on('disconnect', () => {
  Promise.resolve(app?.stop?.()).finally(() => process.exit(escaped.length === 0 ? 0 : 70));
});
