/** The portable entries: the core, the operators and the testing kit, in memory. They also run in a browser, with spec/browser/suite/assert.mjs. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import {
  NEVER,
  concat,
  firstValueFrom,
  from,
  map,
  mergeMap,
  of,
  reduce,
  throwError,
  timer,
  toArray,
} from 'rxjs';
import { NEED_DATA, RequestReader, ResponseWriter } from '../../../dist/esm/core/index.js';
import * as rxscgi from '../../../dist/esm/index.js';
import {
  callHandler,
  cut,
  everyCut,
  requestBytes,
  responseOf,
  scgiScheduler,
  streamHandler,
  textOf,
} from '../../../dist/esm/testing/index.js';

const { decodeScgi, encodeScgi, handleScgi, pullMap } = rxscgi;
const POST = requestBytes({
  method: 'POST',
  uri: '/a?b=1',
  headers: { 'X-Latin1': 'é' },
  body: 'hello body',
});
const bytes = (text) => new TextEncoder().encode(text);

function joined(chunks) {
  return Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
}

function piecesOf(data, size) {
  return cut(data, ...Array(Math.ceil(data.length / size)).fill(size));
}

/** Reads a request with the core. @returns `[method, latin1 header, body]`. */
function read(pieces) {
  const reader = new RequestReader();
  let variables;
  const body = [];
  for (const piece of [...pieces, null]) {
    reader.receiveData(piece);
    for (let event = reader.nextEvent(); event !== NEED_DATA; event = reader.nextEvent()) {
      if (event.type === 'request-headers') ({ variables } = event);
      else if (event.type === 'request-body') body.push(event.data);
    }
  }
  return [variables.get('REQUEST_METHOD'), variables.get('HTTP_X_LATIN1'), textOf(joined(body))];
}

async function codeOf(run) {
  try {
    await run();
  } catch (error) {
    return rxscgi.isScgiError(error) ? error.code : `${error}`;
  }
  return 'no error';
}

const core = [
  ...[1, 2, 3, 7, 64, 10_000].map((size) => [
    `core: reads a request in pieces of ${size} bytes`,
    () => deepStrictEqual(read(piecesOf(POST, size)), ['POST', 'é', 'hello body']),
  ]),
  ...[
    ['ERR_SCGI_NETSTRING_LENGTH', bytes('x:')],
    ['ERR_SCGI_NETSTRING_TERMINATOR', bytes('2:ab;')],
    ['ERR_SCGI_PREMATURE_EOF', POST.subarray(0, 9)],
    ['ERR_SCGI_VERSION_MISSING', requestBytes({ variables: { SCGI: undefined } })],
    ['ERR_SCGI_CONTENT_LENGTH_MISSING', requestBytes({ variables: { CONTENT_LENGTH: undefined } })],
  ].map(([code, data]) => [
    `core: throws ${code}`,
    async () => strictEqual(await codeOf(() => read([data])), code),
  ]),
  [
    'core: writes a response',
    () => {
      const writer = new ResponseWriter();
      const events = [
        { type: 'response-headers', status: 201, headers: { 'X-Latin1': 'é' } },
        { type: 'response-body', data: bytes('text') },
        { type: 'response-end' },
      ];
      const response = responseOf(joined(events.map((event) => writer.send(event))));
      deepStrictEqual(
        [response.status, response.headers.get('x-latin1'), textOf(response.body)],
        [201, 'é', 'text'],
      );
    },
  ],
];

/** The bodies that a response may have; all give the same text. */
const BODIES = {
  'a string': () => 'got it, é',
  bytes: () => bytes('got it, é'),
  'an Observable': () => of('got ', bytes('it, é')),
  'an array': () => ['got ', 'it, é'],
  'a generator': () =>
    (function* () {
      yield 'got ';
      yield 'it, é';
    })(),
  'an async generator': () =>
    (async function* () {
      yield 'got ';
      yield bytes('it, é');
    })(),
  'a ReadableStream': () => new Response('got it, é').body,
  'an Observable after a time': () => concat(of('got '), timer(5).pipe(map(() => 'it, é'))),
};

const operators = [
  ...Object.entries(BODIES).map(([kind, make]) => [
    `operators: encode a body that is ${kind}`,
    async () => {
      const chunks = await firstValueFrom(of({ status: 200, body: make() }).pipe(encodeScgi(), toArray()));
      strictEqual(textOf(responseOf(joined(chunks)).body), 'got it, é');
    },
  ]),
  ...[1, 5, 10_000].map((size) => [
    `operators: decode and echo in pieces of ${size} bytes`,
    async () => {
      const pipeline = from(piecesOf(POST, size)).pipe(
        decodeScgi(),
        mergeMap((request) => of({ body: request.body })),
        encodeScgi(),
        toArray(),
      );
      strictEqual(textOf(responseOf(joined(await firstValueFrom(pipeline))).body), 'hello body');
    },
  ]),
  [
    'operators: pull a body with pullMap',
    async () => {
      const slow = pullMap((chunk) => timer(1).pipe(map(() => chunk.length)));
      const total = from(piecesOf(POST, 50)).pipe(
        decodeScgi({ flow: rxscgi.createFlow() }),
        mergeMap(({ body }) =>
          body.pipe(
            slow,
            reduce((sum, length) => sum + length, 0),
          ),
        ),
      );
      strictEqual(await firstValueFrom(total), 10);
    },
  ],
  [
    'operators: read a body with for await',
    async () => {
      const readAll = async ({ body }) => {
        const chunks = [];
        for await (const chunk of body) chunks.push(chunk);
        return chunks;
      };
      const chunks = await firstValueFrom(of(POST).pipe(decodeScgi(), mergeMap(readAll)));
      strictEqual(textOf(joined(chunks)), 'hello body');
    },
  ],
  [
    'operators: url, path, query and headers of a request',
    async () => {
      const { path, query, url, headers } = await firstValueFrom(of(POST).pipe(decodeScgi()));
      deepStrictEqual([path, query, url.search, headers.get('x-latin1')], ['/a', 'b=1', '?b=1', 'é']);
    },
  ],
];

const STATUSES = [
  [
    'a handler that throws',
    () => {
      throw new Error('secret');
    },
    500,
  ],
  ['a handler whose result fails', () => throwError(() => new Error('secret')), 500],
  ['a handler without a response', () => of(), 500],
  ['a rejected Promise', () => Promise.reject(new Error('secret')), 500],
  ['a handler that takes too long', () => NEVER, 503],
  [
    'an error with a status',
    () => throwError(() => Object.assign(new Error('secret'), { status: 404 })),
    404,
  ],
];
const handlers = STATUSES.map(([what, handler, status]) => [
  `handleScgi: answers ${status} for ${what}`,
  async () => {
    const options = { handlerTimeoutMs: 30, onError: () => undefined };
    const chunks = await firstValueFrom(of(POST).pipe(handleScgi(handler, options), toArray()));
    const response = responseOf(joined(chunks));
    strictEqual(response.status, status);
    strictEqual(textOf(response.body).includes('secret'), false);
  },
]);

const kit = [
  [
    'testing: callHandler',
    async () => {
      const handler = (request) =>
        request.text().pipe(map((text) => ({ status: 201, body: `${request.path} ${text}` })));
      const response = await firstValueFrom(callHandler(handler, { method: 'POST', uri: '/x', body: 'é' }));
      deepStrictEqual([response.status, textOf(response.body)], [201, '/x é']);
    },
  ],
  [
    'testing: scgiScheduler and streamHandler, for server-sent events in virtual time',
    () =>
      scgiScheduler().run(({ cold, expectObservable }) => {
        const handler = () => [rxscgi.serverSentEvents(cold('-a-b|'), { heartbeatMs: 60_000 })];
        const stream = streamHandler(handler).pipe(map((part) => ('status' in part ? part.status : part)));
        expectObservable(stream).toBe('ha-b|', { h: 200, a: 'data: a\n\n', b: 'data: b\n\n' });
      }),
  ],
  [
    'testing: scgiScheduler throws two lines of marbles',
    () => {
      try {
        scgiScheduler().run(({ cold, expectObservable }) => expectObservable(cold('-a')).toBe('--a'));
      } catch ({ message }) {
        ok(message.includes('  expected: --a\n  actual:   -a\n'), message);
        return;
      }
      throw new Error('it did not throw');
    },
  ],
  [
    'testing: everyCut gives the same request for every cut',
    () => {
      for (const pieces of everyCut(POST)) deepStrictEqual(read(pieces), ['POST', 'é', 'hello body']);
    },
  ],
];

export const engineCases = [...core, ...operators, ...handlers, ...kit];
