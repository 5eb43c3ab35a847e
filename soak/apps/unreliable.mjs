/**
 * Handlers of every kind, including failing ones, which count what has begun and what has ended: handlers and response bodies
 * by their finalization; sockets, timers, listeners and subscriptions by what the process holds.
 */
import { createHash } from 'node:crypto';
import { Server, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import * as v8 from 'node:v8';
import {
  NEVER,
  Observable,
  Subscription,
  concat,
  defer,
  finalize,
  ignoreElements,
  map,
  of,
  range,
  tap,
  throwError,
  timer,
} from 'rxjs';
import { pullMap } from '../../dist/esm/index.js';
import { serve } from '../helpers/serve.mjs';
import { BLOCK_BYTES, pattern, patternBlock } from '../helpers/pattern.mjs';

const counts = { handlersBegun: 0, handlersEnded: 0, bodiesBegun: 0, bodiesEnded: 0 };

/** How long `/slow` takes, and how long `/trickle` waits between two chunks. */
const SLOW_MS = 300;
const TRICKLE_MS = 50;
const TRICKLE_CHUNKS = 10;

class Fault extends Error {}

// ---- response bodies, each with its own way to finalize

function* generator(bytes, failAfter = Infinity) {
  counts.bodiesBegun++;
  try {
    let sent = 0;
    for (const data of pattern(bytes)) {
      if (sent >= failAfter) throw new Fault('generator');
      yield data;
      sent += data.length;
    }
  } finally {
    counts.bodiesEnded++;
  }
}

async function* asyncGenerator(bytes, failAfter = Infinity) {
  counts.bodiesBegun++;
  try {
    let sent = 0;
    for (const data of pattern(bytes)) {
      if (sent >= failAfter) throw new Fault('async generator');
      await delay(1);
      yield data;
      sent += data.length;
    }
  } finally {
    counts.bodiesEnded++;
  }
}

function observable(bytes, failAfter = Infinity) {
  return defer(() => {
    counts.bodiesBegun++;
    const blocks = Math.ceil(Math.min(bytes, failAfter) / BLOCK_BYTES);
    const data = range(blocks).pipe(map((block) => patternBlock(block, bytes)));
    const end = failAfter < bytes ? throwError(() => new Fault('Observable')) : of();
    return concat(data, end).pipe(finalize(() => counts.bodiesEnded++));
  });
}

function readable(bytes, failAfter = Infinity) {
  let block = 0;
  counts.bodiesBegun++;
  const stream = new Readable({
    read() {
      if (block * BLOCK_BYTES >= failAfter) this.destroy(new Fault('Readable'));
      else this.push(block * BLOCK_BYTES < bytes ? patternBlock(block++, bytes) : null);
    },
  });
  return stream.once('close', () => counts.bodiesEnded++);
}

function webStream(bytes, failAfter = Infinity) {
  let block = 0;
  counts.bodiesBegun++;
  return new ReadableStream({
    pull(controller) {
      if (block * BLOCK_BYTES >= failAfter) {
        counts.bodiesEnded++;
        controller.error(new Fault('ReadableStream'));
      } else if (block * BLOCK_BYTES < bytes) {
        controller.enqueue(patternBlock(block++, bytes));
      } else {
        counts.bodiesEnded++;
        controller.close();
      }
    },
    cancel() {
      counts.bodiesEnded++;
    },
  });
}

const BODIES = { generator, asyncGenerator, observable, readable, webStream };

function trickle() {
  return new Observable((subscriber) => {
    counts.bodiesBegun++;
    let sent = 0;
    const interval = setInterval(() => {
      subscriber.next('.');
      if (++sent === TRICKLE_CHUNKS) subscriber.complete();
    }, TRICKLE_MS);
    return () => {
      clearInterval(interval);
      counts.bodiesEnded++;
    };
  });
}

// ---- handlers, by path

const digestOf = (hash) => ({ body: hash.digest('hex') });

const HANDLERS = {
  hello: () => of({ body: 'hello' }),
  bytes: (request) => request.bytes().pipe(map((bytes) => digestOf(createHash('sha256').update(bytes)))),
  async forAwait(request) {
    const hash = createHash('sha256');
    for await (const chunk of request.body) {
      await delay(0);
      hash.update(chunk);
    }
    return digestOf(hash);
  },
  pullMap(request) {
    const hash = createHash('sha256');
    const taking = request.body.pipe(
      pullMap((chunk) => timer(1).pipe(tap(() => hash.update(chunk)))),
      ignoreElements(),
    );
    return concat(
      taking,
      defer(() => of(digestOf(hash))),
    );
  },
  echo: (request) => of({ body: request.body }),
  map: (request) => of({ body: request.body.pipe(map((chunk) => chunk)) }),
  untaken: () => timer(5).pipe(map(() => ({ body: 'hello' }))),
  slow: () => timer(SLOW_MS).pipe(map(() => ({ body: 'hello' }))),
  never: () => NEVER,
  trickle: () => of({ body: trickle() }),
  throw: () => {
    throw new Fault('thrown');
  },
  error: () => throwError(() => new Fault('notified')),
  reject: () => Promise.reject(new Fault('rejected')),
  async later() {
    await delay(5);
    throw new Fault('rejected later');
  },
  /** A Promise cannot be cancelled: this one resolves with a body when the gateway may have gone. */
  async laterBody() {
    await delay(50);
    return { body: readable(100_000) };
  },
  nothing: () => of(),
  wrong: () => of({ headers: { 'Bad Name': 'x' } }),
  /** `/body?kind&bytes&failAfter&length`: `failAfter` is optional, and `length` adds a Content-Length. */
  body(request) {
    const query = new URLSearchParams(request.query);
    const bytes = Number(query.get('bytes'));
    const failAfter = query.has('failAfter') ? Number(query.get('failAfter')) : Infinity;
    const headers = query.has('length') ? { 'Content-Length': String(bytes) } : {};
    return of({ headers, body: BODIES[query.get('kind')](bytes, failAfter) });
  },
};

/** Returns Promises unchanged: they cannot be cancelled, and end when they are settled. */
function handle(request) {
  counts.handlersBegun++;
  const ended = () => {
    counts.handlersEnded++;
  };
  let result;
  try {
    result = HANDLERS[request.path.slice(1)](request);
  } catch (error) {
    ended();
    throw error;
  }
  return result instanceof Promise ? result.finally(ended) : result.pipe(finalize(ended));
}

/** What the process holds, by kind. */
async function holdings() {
  if ('Bun' in globalThis) {
    const { heapStats } = await import('bun:jsc');
    globalThis.gc();
    const { TCPSocket: sockets = 0, Timeout = 0, Immediate = 0 } = heapStats().objectTypeCounts;
    return { sockets, Timeout, Immediate };
  }
  const resources = {};
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
  const servers = process._getActiveHandles().filter((handle) => handle instanceof Server);
  return {
    ...resources,
    sockets: v8.queryObjects(Socket),
    subscriptions: v8.queryObjects(Subscription),
    listeners: [process, ...servers].map(listenersOf).reduce((sum, count) => sum + count, 0),
  };
}

function listenersOf(emitter) {
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
}

export function start(options) {
  return serve(handle, options, { counts: () => counts, holdings });
}
