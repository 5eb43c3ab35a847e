/** Takes an upload in one of several ways, 5 ms for each chunk, and answers with its checksum. */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ignoreElements, endWith, map, tap, timer } from 'rxjs';
import * as rxscgi from '../../dist/esm/index.js';
import { onAccept, serve } from '../helpers/serve.mjs';

const CHUNK_MS = 5;

/** What the socket of the upload has received, head included, and the handler has not processed. */
class Backlog {
  peak = 0;
  #socket;
  #processed = 0;

  constructor() {
    onAccept((socket) => {
      this.#socket = socket;
      // Every received chunk passes here; a timer would miss peaks between two samples.
      const push = socket.push;
      socket.push = (...args) => {
        this.#sample();
        return push.apply(socket, args);
      };
    });
  }

  begin() {
    this.peak = this.#processed = 0;
    this.#sample();
  }

  processed(bytes) {
    this.#processed += bytes;
  }

  #sample() {
    this.peak = Math.max(this.peak, this.#socket.bytesRead - this.#processed);
  }
}

class Taken {
  #hash = createHash('sha256');
  #backlog;
  bytes = 0;
  chunks = 0;

  constructor(backlog) {
    backlog.begin();
    this.#backlog = backlog;
  }

  take(chunk) {
    this.#hash.update(chunk);
    this.bytes += chunk.length;
    this.chunks++;
    this.#backlog.processed(chunk.length);
  }

  get response() {
    return {
      body: JSON.stringify({ bytes: this.bytes, chunks: this.chunks, digest: this.#hash.digest('hex') }),
    };
  }
}

async function takeStream(stream, taken) {
  const reader = stream.getReader();
  for (let { value, done } = await reader.read(); !done; { value, done } = await reader.read()) {
    await delay(CHUNK_MS);
    taken.take(value);
  }
}

const WAYS = {
  pullMap: (backlog) => (request) => {
    const taken = new Taken(backlog);
    return request.body.pipe(
      rxscgi.pullMap((chunk) => timer(CHUNK_MS).pipe(tap(() => taken.take(chunk)))),
      ignoreElements(),
      endWith(taken),
      map(() => taken.response),
    );
  },
  'for await': (backlog) => async (request) => {
    const taken = new Taken(backlog);
    for await (const chunk of request.body) {
      await delay(CHUNK_MS);
      taken.take(chunk);
    }
    return taken.response;
  },
  ReadableStream: (backlog) => async (request) => {
    const taken = new Taken(backlog);
    await takeStream(ReadableStream.from(request.body), taken);
    return taken.response;
  },
  fromFetch: (backlog) =>
    rxscgi.fromFetch(async ({ body }) => {
      if (!body) return new Response('hello');
      const taken = new Taken(backlog);
      await takeStream(body, taken);
      return new Response(taken.response.body);
    }),
};

export const ways = Object.keys(WAYS);

export function start({ way, ...options }) {
  const backlog = new Backlog();
  const upload = WAYS[way](backlog);
  // Node.js loads its `fetch` at the first use, which belongs to the idle memory: the GET before the upload uses it.
  const handler = (request) =>
    request.method === 'POST' || way === 'fromFetch' ? upload(request) : [{ body: 'hello' }];
  return serve(handler, options, { peakBacklog: () => backlog.peak });
}
