/** Handlers that do everything wrong which a handler can. `thrown` is what they throw, wherever they throw. */
import {
  EMPTY,
  NEVER,
  Observable,
  concat,
  concatMap,
  defer,
  delay,
  finalize,
  from,
  map,
  merge,
  of,
  share,
  take,
  throwError,
  timer,
} from 'rxjs';
import type { ScgiRequest } from '../../../lib/index.js';

type OddHandler = (request: ScgiRequest, thrown: unknown) => unknown;

const throws = (thrown: unknown): never => {
  throw thrown;
};
const block = Buffer.alloc(30_000, 'block ');

function* blocks(count: number, last?: () => void): Generator<Uint8Array> {
  for (let index = 0; index < count; index++) yield block;
  last?.();
}

async function* slowly(count: number, last?: () => void): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) {
    await new Promise(setImmediate);
    yield block;
  }
  last?.();
}

/** An iterable whose results are as odd as `result` says. */
const iterable = (result: () => unknown): Iterable<unknown> => ({
  [Symbol.iterator]: () => ({ next: result as () => IteratorResult<unknown> }),
});

const asyncIterable = (result: () => unknown): AsyncIterable<unknown> => ({
  [Symbol.asyncIterator]: () => ({ next: result as () => Promise<IteratorResult<unknown>> }),
});

function throwingAt(key: string, thrown: unknown): object {
  return Object.defineProperty({ done: false, value: 'x' }, key, { get: () => throws(thrown) });
}

/** By name. */
export const ODD_HANDLERS: Record<string, OddHandler> = {
  throws: (_request, thrown) => throws(thrown),
  errors: (_request, thrown) => throwError(() => thrown),
  'errors later': (_request, thrown) => timer(1).pipe(map(() => throws(thrown))),
  rejects: (_request, thrown) => Promise.reject(thrown),
  'rejects later': async (_request, thrown) => {
    await new Promise(setImmediate);
    throw thrown;
  },
  hangs: () => NEVER,
  'hangs as a Promise': () => new Promise(() => undefined),
  'is empty': () => EMPTY,
  'returns nothing': () => undefined,
  'returns what was to be thrown': (_request, thrown) => thrown,
  'answers what was to be thrown': (_request, thrown) => of(thrown),
  'answers twice': () => of({ body: 'one' }, { body: 'two' }),
  'answers, and errors': (_request, thrown) =>
    concat(
      of({ body: 'one' }),
      throwError(() => thrown),
    ),
  'answers, and errors later': (_request, thrown) =>
    concat(
      of({ body: blocks(3) }),
      timer(2),
      throwError(() => thrown),
    ),
  'answers late': () => of({ body: 'late' }).pipe(delay(3)),
  'is a thenable that settles twice': (_request, thrown) => ({
    then(resolve: (value: unknown) => void, reject: (error: unknown) => void) {
      resolve({ body: 'once' });
      resolve({ body: 'twice' });
      reject(thrown);
    },
  }),
  'is a thenable that throws': (_request, thrown) => ({ then: () => throws(thrown) }),
  'has a then that throws': (_request, thrown) => throwingAt('then', thrown),
  'never stops answering': () =>
    new Observable((subscriber) => {
      while (!subscriber.closed) subscriber.next({ body: 'again' });
    }),
  'ignores that it is unsubscribed': (_request, thrown) =>
    new Observable((subscriber) => {
      setImmediate(() => subscriber.next({ body: 'late' })).ref();
      setImmediate(() => subscriber.error(thrown)).ref();
      return () => undefined;
    }),
  'throws when it is unsubscribed': (_request, thrown) => new Observable(() => () => throws(thrown)),

  echoes: ({ body }) => of({ body }),
  'echoes later': ({ body }) => of({ body }).pipe(delay(2)),
  'echoes by a generator': ({ body }) => [
    {
      body: (async function* () {
        for await (const chunk of body) yield chunk;
      })(),
    },
  ],
  'echoes the start': ({ body }) => of({ body: body.pipe(take(1)) }),
  'shares the body': ({ body }) => {
    const shared = body.pipe(share());
    return of({ body: merge(shared, shared) });
  },
  'reads the body twice': ({ body }) => of({ body: concat(body, body) }),
  'reads the body late': ({ body }) => timer(2).pipe(concatMap(() => of({ body }))),
  'reads text': (request) => request.text().pipe(map((body) => ({ body }))),
  'reads JSON': (request) => request.json().pipe(map(() => ({ body: 'JSON' }))),
  'reads and throws': ({ body }, thrown) => body.pipe(map(() => throws(thrown))),
  'reads aside': ({ body }) => {
    body.subscribe();
    return of({ status: 202 });
  },
  'reads text aside': (request) => {
    request.text().subscribe();
    return of({ status: 202 });
  },
  'reads aside by a loop': ({ body }) => {
    void (async () => {
      for await (const chunk of body) if (chunk.length === 0) return;
    })();
    return of({ status: 202 });
  },
  'reads aside, and hangs': ({ body }) => {
    body.subscribe();
    return NEVER;
  },

  'has an odd status': () => of({ status: NaN }),
  'has an odd status line': () => of({ status: '200 OK\r\nX: y' }),
  'has odd headers': (_request, thrown) => of({ headers: thrown }),
  'has headers that throw': (_request, thrown) => of(throwingAt('headers', thrown)),
  'has a body that throws': (_request, thrown) => of(throwingAt('body', thrown)),
  'has a number for a body': () => of({ body: 7 }),
  'has what was to be thrown for a body': (_request, thrown) => of({ body: thrown }),
  'has an object for a body': () => of({ body: {} }),
  'has a Blob for a body': () => of({ body: new Blob(['x']) }),
  'has too short a body': () => of({ headers: { 'Content-Length': '9' }, body: 'short' }),
  'has too long a body': () => of({ headers: { 'Content-Length': '2' }, body: slowly(2) }),
  'has odd chunks': () => of({ body: ['text', 7, null, {}] }),
  'has a fetch Response': () => new Response('fetched', { headers: { 'X-A': 'b' } }),
  'has many blocks': () => of({ body: blocks(40) }),
  'has many slow blocks': () => of({ body: slowly(10) }),
  'has a body without an end': () => of({ body: blocks(Infinity) }),
  'has a slow body without an end': () => of({ body: slowly(Infinity) }),
  'has a body that hangs': () => of({ body: concat(of('start'), NEVER) }),
  'has blocks, and throws': (_request, thrown) => of({ body: blocks(2, () => throws(thrown)) }),
  'has slow blocks, and throws': (_request, thrown) => of({ body: slowly(2, () => throws(thrown)) }),
  'pushes blocks, and errors': (_request, thrown) =>
    of({
      body: concat(
        from(blocks(2)),
        throwError(() => thrown),
      ),
    }),
  'pushes blocks without a brake': () => of({ body: timer(0, 1).pipe(map(() => block)) }),
  'has a body that throws when it is unsubscribed': (_request, thrown) =>
    of({ body: concat(of('x'), NEVER).pipe(finalize(() => throws(thrown))) }),
  'has an iterator without results': () => of({ body: iterable(() => undefined) }),
  'has an iterator whose done throws': (_request, thrown) =>
    of({ body: iterable(() => throwingAt('done', thrown)) }),
  'has an iterator whose value throws': (_request, thrown) =>
    of({ body: iterable(() => throwingAt('value', thrown)) }),
  'has an iterator whose return throws': (_request, thrown) =>
    of({
      body: {
        [Symbol.iterator]: () => ({
          next: () => ({ done: false, value: block }),
          return: () => throws(thrown),
        }),
      },
    }),
  'has an async iterator without Promises': () =>
    of({ body: asyncIterable(() => ({ done: false, value: 7 })) }),
  'has an async iterator whose done throws': (_request, thrown) =>
    of({ body: asyncIterable(() => Promise.resolve(throwingAt('done', thrown))) }),
  'has an async iterator whose value throws': (_request, thrown) =>
    of({ body: asyncIterable(() => Promise.resolve(throwingAt('value', thrown))) }),
  'has an async iterator that rejects': (_request, thrown) =>
    of({ body: asyncIterable(() => Promise.reject(thrown as Error)) }),
  'has an async iterator that throws': (_request, thrown) =>
    of({ body: asyncIterable(() => throws(thrown)) }),
  'has an async iterator whose return rejects': (_request, thrown) =>
    of({
      body: {
        [Symbol.asyncIterator]: () => ({
          next: () => Promise.resolve({ done: false, value: block }),
          return: () => Promise.reject(thrown),
        }),
      },
    }),
  'has a stream that errors': (_request, thrown) =>
    of({
      body: new ReadableStream({
        start: (controller) => controller.enqueue(block),
        pull: (controller) => controller.error(thrown),
      }),
    }),
  'has a stream whose cancel rejects': (_request, thrown) =>
    of({
      body: new ReadableStream({
        pull: (controller) => controller.enqueue(block),
        cancel: () => Promise.reject(thrown as Error),
      }),
    }),
  'has a locked stream': () => {
    const body = new ReadableStream();
    body.getReader();
    return of({ body });
  },
  'detaches its chunk': () => {
    const chunk = new Uint8Array(50_000);
    return defer(() => {
      setImmediate(() => structuredClone(chunk, { transfer: [chunk.buffer] }));
      return of({ body: concat(of(chunk), timer(2).pipe(map(() => chunk))) });
    });
  },
};
