/**
 * Large responses with every kind of body: `/generator?bytes`.
 *
 * Pulled chunks are views of shared memory, so that RSS shows what the server holds. With `fresh` each block is a new buffer, as
 * when a file is read; V8 then leaves tens of MiB of garbage uncollected, in any server. With `tidy` as well, garbage is collected
 * every 8 MiB.
 */
import { createServer } from 'node:net';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { Observable, map, range } from 'rxjs';
import { MIB } from '../../bench/shared/memory.mjs';
import { BLOCK_BYTES, patternBlock, patternViews } from '../helpers/pattern.mjs';
import { serve } from '../helpers/serve.mjs';

const TIDY_BYTES = 8 * MIB;

let fresh = false;
let tidy = false;
let made = 0;

function make(block, bytes) {
  const data = patternBlock(block, bytes);
  made += data.length;
  if (tidy && made >= TIDY_BYTES) {
    made = 0;
    globalThis.gc();
  }
  return data;
}

function* now(bytes) {
  if (!fresh) yield* patternViews(bytes);
  else for (let block = 0; block * BLOCK_BYTES < bytes; block++) yield make(block, bytes);
}

async function* later(bytes) {
  for (const data of now(bytes)) {
    await turn();
    yield data;
  }
}

function streamOf(bytes) {
  const chunks = now(bytes);
  return new ReadableStream({
    pull(controller) {
      const { done, value } = chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

/** Pushes a chunk on every turn of the event loop, whether or not the reader keeps up. */
function pushing(bytes) {
  return new Observable((subscriber) => {
    let block = 0;
    const push = () => {
      if (subscriber.closed) return;
      subscriber.next(make(block++, bytes));
      if (block * BLOCK_BYTES < bytes) setImmediate(push);
      else subscriber.complete();
    };
    push();
  });
}

let atHand;

const BODIES = {
  bytes: (bytes) => (atHand ??= Buffer.alloc(64 * MIB)).subarray(0, bytes),
  generator: now,
  'async-generator': later,
  readable: (bytes) => Readable.from(now(bytes), { objectMode: false }),
  stream: streamOf,
  'pushing-at-once': (bytes) => range(bytes / BLOCK_BYTES).pipe(map((block) => make(block, bytes))),
  'pushing-over-time': pushing,
};

export function start({ plain = false, ...options }) {
  let served;
  ({ fresh = false, tidy = false, ...served } = options);
  if (plain) return servePlainly();
  const handler = (request) => {
    const body = BODIES[request.path.slice(1)];
    return [body ? { body: body(Number(request.query)) } : { body: 'hello' }];
  };
  return serve(handler, served);
}

/** The same with Node.js alone, for comparison: it only looks like SCGI, and has no limits and no timeouts. */
function servePlainly() {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (head) => {
      socket.write('Status: 200\r\n\r\n');
      const [, bytes = '0'] = /\/readable\?([0-9]+)/.exec(head.toString('latin1')) ?? [];
      Readable.from(now(Number(bytes)), { objectMode: false }).pipe(socket);
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({ info: `127.0.0.1:${server.address().port}`, stop: () => server.close() });
    });
  });
}
