/**
 * The server of spec/runtimes/transports.spec.ts, on the runtime that runs this file:
 *
 *     node program.mjs node OPTIONS       bun program.mjs bun OPTIONS
 *
 * OPTIONS is JSON: those of `serveScgi`, and a file that `/file` sends. Prints the addresses as a line of JSON, drains at SIGTERM, and then prints the tally. An error that reaches the process ends
 * it, as nothing here listens to that.
 */
import { createHash } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import { createReadStream, openAsBlob } from 'node:fs';
import {
  NEVER,
  Observable,
  Subject,
  concat,
  defer,
  ignoreElements,
  interval,
  map,
  mergeMap,
  of,
  reduce,
  take,
  tap,
  throwError,
  timer,
} from 'rxjs';

const [, , entry, options] = process.argv;
const { serveScgi } = await import(`../../../dist/esm/${entry}/index.js`);

const CHUNK_BYTES = 65_536;
const CHUNK = new Uint8Array(CHUNK_BYTES).map((_, index) => index % 251);

/** What happened; `/tally` shows it. */
const tally = { pulled: 0, left: 0, aborted: 0, failures: {}, last: '' };
const settings = JSON.parse(options);
const release = new Subject();
const sizeOf = (body) => body.pipe(reduce((sum, chunk) => sum + chunk.length, 0));
const untilLeft = (source) =>
  new Observable((subscriber) => {
    source.subscribe(subscriber);
    return () => tally.left++;
  });

function* chunks(bytes) {
  for (let left = bytes; left > 0; left -= CHUNK_BYTES) {
    tally.pulled += Math.min(left, CHUNK_BYTES);
    yield left < CHUNK_BYTES ? CHUNK.subarray(0, left) : CHUNK;
  }
}

/** A chunk whose buffer somebody else takes while it goes out. */
async function* transferred() {
  const chunk = new Uint8Array(16 * CHUNK_BYTES).fill(120);
  setTimeout(() => structuredClone(chunk.buffer, { transfer: [chunk.buffer] }), 30);
  yield chunk;
}

/** A file in each form in which the runtimes have one. */
const blobOf = (path) => ('Bun' in globalThis ? globalThis.Bun.file(path) : openAsBlob(path));
const FILES = {
  createReadStream: (path) => ({ body: createReadStream(path) }),
  stream: async (path) => ({ body: (await blobOf(path)).stream() }),
  Response: async (path) => new Response(await blobOf(path)),
};

const HANDLERS = {
  '/hello': () => of({ body: 'hello' }),
  '/latin1': () => of({ headers: { 'X-Name': 'é' }, body: 'é' }),
  '/echo': ({ body }) => of({ body }),
  '/count': ({ body }) => sizeOf(body).pipe(map((size) => ({ body: `${size}` }))),
  '/hold': ({ body }) =>
    untilLeft(
      release.pipe(
        take(1),
        mergeMap(() => sizeOf(body)),
        map((size) => ({ body: `${size}` })),
      ),
    ),
  '/release': () => {
    release.next();
    return of({ body: 'released' });
  },
  '/download': ({ query }) => of({ body: chunks(Number(query)) }),
  // nginx closes at the last byte, before the source completes.
  '/sized': ({ query }) =>
    of({ headers: { 'Content-Length': query }, body: untilLeft(concat(chunks(Number(query)), NEVER)) }),
  '/digest': ({ body }) => {
    const hash = createHash('sha256');
    return concat(
      body.pipe(
        tap((chunk) => hash.update(chunk)),
        ignoreElements(),
      ),
      defer(() => of({ body: hash.digest('hex') })),
    );
  },
  '/file': ({ query }) => FILES[query](settings.file),
  '/early': () => of({ status: 401, body: 'no' }),
  '/cut': () =>
    of({ body: concat(of('part'), timer(20).pipe(mergeMap(() => throwError(() => new Error('cut'))))) }),
  '/endless': () => of({ body: untilLeft(interval(2).pipe(map(() => CHUNK))) }),
  '/never': () => untilLeft(NEVER),
  '/later': () => timer(150).pipe(map(() => ({ body: 'later' }))),
  '/transferred': () => of({ body: transferred() }),
  '/tally': () => of({ body: JSON.stringify(tally) }),
};

// A subscriber that throws ends nothing.
subscribe('rxscgi:request', ({ type, request }) => {
  if (type === 'request' && request.query === 'throw') throw new Error('from a subscriber');
});

const addresses = [];
const until = new Subject();
process.on('SIGTERM', () => until.next());
serveScgi((request) => HANDLERS[request.path](request), {
  ...settings.serve,
  until,
  onError: () => undefined,
}).subscribe({
  next: (event) => {
    tally.last = event.type;
    if (event.type === 'response' && event.aborted) tally.aborted++;
    if (event.type === 'failure') {
      const code = event.error?.code ?? event.error?.message;
      tally.failures[code] = (tally.failures[code] ?? 0) + 1;
    }
    if (event.type === 'listening' && addresses.push(event.address) === settings.serve.listen.length)
      console.log(JSON.stringify(addresses));
  },
  error: (error) => {
    console.error(error);
    process.exitCode = 1;
  },
  complete: () => console.log(JSON.stringify(tally)),
});
