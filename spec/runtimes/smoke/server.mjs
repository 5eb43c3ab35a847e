/** `serveScgi` over real sockets, TCP and Unix, of one of the transports. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Observable,
  Subject,
  firstValueFrom,
  interval,
  map,
  mergeMap,
  of,
  reduce,
  take,
  tap,
  timer,
} from 'rxjs';
import { decodeScgi, encodeScgi, serverSentEvents } from '../../../dist/esm/index.js';
import { requestBytes, responseOf, textOf } from '../../../dist/esm/testing/index.js';
import { ask, connectTo } from './client.mjs';

/** `rxscgi/node` or `rxscgi/bun`, as the command line says. */
const entry = process.argv[2] ?? 'node';
const { fromSocket, listen, serveScgi, writeTo } = await import(`../../../dist/esm/${entry}/index.js`);

const MIB = 2 ** 20;
const CHUNK = Buffer.alloc(65_536, 'x');
const sha = (data) => createHash('sha256').update(data).digest('hex');

let left = new Subject();
/** Emits when a slow handler is under way. */
const underWay = new Subject();
const HANDLERS = {
  '/hello': () => of({ status: 200, headers: { 'Content-Type': 'text/plain' }, body: 'hello' }),
  '/echo': (request) => of({ body: request.body }),
  '/count': ({ body }) =>
    body.pipe(
      reduce((sum, chunk) => sum + chunk.length, 0),
      map((sum) => ({ body: `${sum}` })),
    ),
  '/download': () => of({ body: Array(4 * 16).fill(CHUNK) }),
  '/ticks': () =>
    of({
      body: interval(5).pipe(
        take(4),
        map((n) => `${n}`),
      ),
    }),
  '/events': () =>
    of(
      serverSentEvents(
        interval(5).pipe(
          map((n) => ({ id: `${n}`, data: 'tick' })),
          tap(() => underWay.next()),
        ),
      ),
    ),
  '/who': ({ remoteAddress, url }) => of({ body: `${remoteAddress} ${url.protocol}` }),
  '/early': () => of({ status: 401, body: 'no' }),
  '/fails': () => {
    throw new Error('secret');
  },
  '/later': () => {
    underWay.next();
    return timer(100).pipe(map(() => ({ body: 'later' })));
  },
  '/never': () =>
    new Observable(() => {
      underWay.next();
      return () => left.next();
    }),
};
const OPTIONS = { maxBodyBytes: 8 * MIB, onError: () => undefined };

/** Serves while `work` runs, and then drains. @returns the events. */
function serving(address, options, work) {
  const until = new Subject();
  const events = [];
  return new Promise((resolve, reject) => {
    serveScgi((request) => HANDLERS[request.path](request), {
      listen: address,
      until,
      ...OPTIONS,
      ...options,
    }).subscribe({
      next(event) {
        events.push(event);
        if (event.type === 'listening') work(event.address, until).then(() => until.next(), reject);
      },
      error: reject,
      complete: () => resolve(events),
    });
  });
}

async function bodyOf(address, request, options) {
  const response = responseOf(await ask(address, [requestBytes(request)].flat(), options));
  return [response.status, textOf(response.body)];
}

const large = Buffer.alloc(MIB, 'abcdefg');
const CASES = {
  answers: async (address) => deepStrictEqual(await bodyOf(address, { uri: '/hello' }), [200, 'hello']),
  'answers a gateway that half-closes': async (address) =>
    deepStrictEqual(await bodyOf(address, { uri: '/later' }, { halfClose: true }), [200, 'later']),
  'echoes 1 MiB': async (address) => {
    const response = responseOf(
      await ask(address, [requestBytes({ method: 'POST', uri: '/echo', body: large })]),
    );
    strictEqual(sha(response.body), sha(large));
  },
  'receives 8 MiB in chunks': async (address) => {
    const head = requestBytes({ method: 'POST', uri: '/count', variables: { CONTENT_LENGTH: `${8 * MIB}` } });
    const response = responseOf(await ask(address, [head, ...Array(128).fill(CHUNK)]));
    strictEqual(textOf(response.body), `${8 * MIB}`);
  },
  'streams 4 MiB': async (address) => {
    const response = responseOf(await ask(address, [requestBytes({ uri: '/download' })]));
    strictEqual(response.body.length, 4 * MIB);
  },
  'streams an Observable over time': async (address) =>
    deepStrictEqual(await bodyOf(address, { uri: '/ticks' }), [200, '0123']),
  'answers before the body has come': async (address) =>
    deepStrictEqual(await bodyOf(address, { method: 'POST', uri: '/early', body: 'x'.repeat(1000) }), [
      401,
      'no',
    ]),
  'answers 20 at once': async (address) => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => bodyOf(address, { uri: '/later' })));
    strictEqual(answers.filter(([status]) => status === 200).length, 20);
  },
  'answers 500 for a handler that throws': async (address) => {
    const [status, text] = await bodyOf(address, { uri: '/fails' });
    deepStrictEqual([status, text.includes('secret')], [500, false]);
  },
  'answers 413 for a body that is too large': async (address) => {
    const head = requestBytes({ method: 'POST', uri: '/count', variables: { CONTENT_LENGTH: `${9 * MIB}` } });
    strictEqual(responseOf(await ask(address, [head])).status, 413);
  },
  'answers 400 for garbage': async (address) =>
    strictEqual(responseOf(await ask(address, [Buffer.from('00:,')])).status, 400),
  'answers HTTP in HTTP': async (address) => {
    const answer = textOf(await ask(address, [Buffer.from('GET / HTTP/1.1\r\n\r\n')]));
    ok(answer.startsWith('HTTP/1.0 400'), answer);
  },
  'cancels a handler when the gateway has gone': async (address) => {
    left = new Subject();
    const cancelled = new Promise((resolve) => left.subscribe(resolve));
    const handled = firstValueFrom(underWay);
    const socket = connectTo(address);
    // A FIN over TCP counts as a departure only from a gateway that never half-closes.
    socket.write(requestBytes({ uri: '/never', variables: { SERVER_SOFTWARE: 'nginx/1.22.1' } }));
    await handled;
    socket.destroy();
    await cancelled;
  },
  'finishes what is under way when it drains': async (address, until) => {
    const handled = firstValueFrom(underWay);
    const answer = bodyOf(address, { uri: '/later' });
    await handled;
    until.next();
    deepStrictEqual(await answer, [200, 'later']);
  },
  'ends server-sent events when it drains': async (address, until) => {
    const ticked = firstValueFrom(underWay);
    const answer = bodyOf(address, { uri: '/events' });
    await ticked;
    until.next();
    const [status, text] = await answer;
    strictEqual(status, 200);
    ok(/^(id: \d+\ndata: tick\n\n)+$/.test(text), text);
  },
  'knows the client behind a trusted proxy': [
    { trustProxy: ['10.0.0.0/8', '::1'] },
    async (address) => {
      const headers = { 'X-Forwarded-For': '9.9.9.9, 192.0.2.7, ::1', 'X-Forwarded-Proto': 'https' };
      const ask = (from) => bodyOf(address, { uri: '/who', headers, variables: { REMOTE_ADDR: from } });
      deepStrictEqual(await ask('10.1.2.3'), [200, '192.0.2.7 https:']);
      deepStrictEqual(await ask('192.0.2.8'), [200, '192.0.2.8 http:']);
    },
  ],
  'lets connections wait beyond its maximum': [
    { maxConnections: 1 },
    async (address) => {
      const answers = await Promise.all(Array.from({ length: 3 }, () => bodyOf(address, { uri: '/later' })));
      deepStrictEqual(answers, Array(3).fill([200, 'later']));
    },
  ],
};

const folder = mkdtempSync(join(tmpdir(), 'rxscgi-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
let sockets = 0;
const ADDRESSES = { TCP: () => '127.0.0.1:0', Unix: () => `unix:${folder}/${sockets++}.sock` };

const overEach = Object.entries(ADDRESSES).flatMap(([transport, addressOf]) =>
  Object.entries(CASES).map(([what, given]) => {
    const [options, work] = Array.isArray(given) ? given : [{}, given];
    return [
      `serveScgi, ${transport}: ${what}`,
      async () => {
        const events = await serving(addressOf(), options, work);
        strictEqual(events.at(-1)?.type, 'closed');
      },
    ];
  }),
);

const byHand = Object.entries(ADDRESSES).map(([transport, addressOf]) => [
  `fromSocket and writeTo, ${transport}`,
  async () => {
    const address = transport === 'TCP' ? '127.0.0.1:45871' : addressOf();
    let failure;
    const serving = listen(address)
      .pipe(
        mergeMap((socket) =>
          fromSocket(socket).pipe(
            decodeScgi(),
            mergeMap((request) => of({ body: request.path })),
            encodeScgi(),
            writeTo(socket),
          ),
        ),
      )
      .subscribe({ error: (error) => (failure = error) });
    // Listening takes a moment, of which nothing tells here.
    for (;;) {
      try {
        deepStrictEqual(await bodyOf(address, { uri: '/by-hand' }), [200, '/by-hand']);
        break;
      } catch (error) {
        if (failure || !['ECONNREFUSED', 'ENOENT'].includes(error.code)) throw failure ?? error;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
    serving.unsubscribe();
  },
]);

const abstract = [
  'serveScgi, abstract: answers',
  async () => {
    const events = await serving(`unix:@rxscgi-smoke-${process.pid}`, {}, CASES.answers);
    strictEqual(events.at(-1)?.type, 'closed');
  },
];

export const serverCases = [...overEach, abstract, ...byHand];
