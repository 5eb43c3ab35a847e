/**
 * The library: `serveScgi` with all limits, timeouts and events.
 * `node rxscgi.mjs ADDRESS [hello | upload | download BYTES | slow-upload MS]`
 */
import { load, rxjs } from '../../helpers/build.mjs';
import { chunksOf } from '../chunks.mjs';

const { map, of, reduce, timer } = rxjs;
const { serveScgi } = await load('Bun' in globalThis ? 'bun/index' : 'node/index');

const [, , address, mode = 'hello', amount] = process.argv;

// Loaded only by the mode that uses it, as an application would.
const { pullMap } = mode === 'slow-upload' ? await load('index') : {};

const HANDLERS = {
  hello: () => of({ status: 200, headers: { 'Content-Type': 'text/plain' }, body: 'Hello, world\n' }),
  upload: ({ body }) =>
    body.pipe(
      reduce((bytes, chunk) => bytes + chunk.length, 0),
      map(textOf),
    ),
  download: () =>
    of({
      status: 200,
      headers: { 'Content-Type': 'application/octet-stream', 'Content-Length': amount },
      body: chunksOf(Number(amount)),
    }),
  'slow-upload': ({ body }) =>
    body.pipe(
      pullMap((chunk) => timer(Number(amount)).pipe(map(() => chunk.length))),
      reduce((bytes, length) => bytes + length, 0),
      map(textOf),
    ),
};
const LIMITS = {
  maxHeaderBytes: 65_536,
  maxHeaders: 1000,
  maxBodyBytes: 4 * 1024 ** 3,
  bodyHighWaterMark: 65_536,
  maxQueuedBytes: 16 * 1024 ** 2,
  maxConnections: 12_000,
  maxWaiting: 1000,
  lenientDuplicates: true,
  // An unbuffered nginx before 1.29.6 counts in CONTENT_LENGTH what it has read so far.
  lenientContentLength: true,
};
const TIMEOUTS = {
  headersTimeoutMs: 60_000,
  bodyTimeoutMs: 30_000,
  handlerTimeoutMs: 30_000,
  sendTimeoutMs: 60_000,
  lingerMs: 2000,
  drainTimeoutMs: 30_000,
};

function textOf(number) {
  return { status: 200, headers: { 'Content-Type': 'text/plain' }, body: String(number) };
}

/** Receives every event, as a log would. */
const counts = {};
serveScgi(HANDLERS[mode], { listen: address, ...LIMITS, ...TIMEOUTS }).subscribe((event) => {
  counts[event.type] = (counts[event.type] ?? 0) + 1;
  if (event.type === 'listening') console.log(`listening ${event.address}`);
  if (event.type === 'failure') counts.error = event.error;
});
