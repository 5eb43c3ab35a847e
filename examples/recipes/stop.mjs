// A program of its own that stops gracefully: it finishes what is under way, then closes what it uses, then ends.
//
//     npm install rxscgi rxjs
//     node stop.mjs 127.0.0.1:4000
import { open } from 'node:fs/promises';
import { fromEvent, map, merge, mergeMap, take } from 'rxjs';
import { serveScgi } from 'rxscgi/node';

const listen = process.argv[2] ?? '127.0.0.1:4000';
const journal = await open(process.env.JOURNAL ?? 'journal.txt', 'a');

/** @type {import('rxscgi').AnyScgiHandler} */
const handler = (request) =>
  request.text().pipe(
    mergeMap((line) => journal.appendFile(`${line}\n`)),
    map(() => ({ body: 'noted\n' })),
  );

// The first signal drains. Nobody listens for a second one, so that it ends the process at once.
const until = merge(fromEvent(process, 'SIGTERM'), fromEvent(process, 'SIGINT')).pipe(take(1));

serveScgi(handler, { listen, until, drainTimeoutMs: 30_000 }).subscribe({
  next(event) {
    if (event.type === 'listening') console.log(`listening on ${event.address}`);
    if (event.type === 'draining') console.log(`draining, ${event.connections} connections`);
    if (event.type === 'failure') console.error(event.error);
  },
  error(error) {
    // An address that cannot be bound, for instance.
    console.error(error);
    process.exitCode = 1;
  },
  async complete() {
    await journal.close();
    console.log('closed');
  },
});
