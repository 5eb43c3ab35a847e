/** What a real server tells of real exchanges, as the live view keeps it: the copied test passes. */
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import {
  concat,
  delay,
  filter,
  firstValueFrom,
  map,
  mergeMap,
  NEVER,
  of,
  reduce,
  ReplaySubject,
  throwError,
  timer,
} from 'rxjs';
import {
  pullMap,
  serverSentEvents,
  text,
  type ScgiHandler,
  type ScgiResponse,
} from '../../../../lib/index.js';
import { serveScgi, type InspectEvent } from '../../../../lib/node/index.js';
import { requestBytes } from '../../../../lib/testing/index.js';
import { exchangeOf, loadPageModules } from '../../../helpers/live-view/page-modules.js';
import { runMarbleTest } from '../../../helpers/live-view/run-marble-test.js';
import { afterwards, cleanUpSockets, temporaryFolder } from '../../../helpers/sockets/sockets.js';

const page = loadPageModules();
cleanUpSockets();

const KIB = 1024;
const upload = (size: number): Uint8Array =>
  requestBytes({ method: 'POST', uri: '/u', body: new Uint8Array(size).fill(65) });
const get = requestBytes({ uri: '/?a=\'"', headers: { Cookie: 'secret' } });

/** Answers an upload slowly. */
const slow: ScgiHandler = ({ body }) =>
  body.pipe(
    pullMap((chunk) => timer(30).pipe(map(() => chunk.length))),
    reduce((sum, bytes) => sum + bytes, 0),
    map((bytes) => text(String(bytes))),
  );

/** Has one exchange, until it is over, or `until` comes. */
async function record(
  handler: ScgiHandler,
  play: (socket: Socket) => void,
  until: (event: InspectEvent) => boolean = ({ type }) => type === 'close',
): Promise<InspectEvent[]> {
  const path = join(temporaryFolder(), 's');
  const events = new ReplaySubject<InspectEvent>(Infinity);
  const all: InspectEvent[] = [];
  events.subscribe((event) => all.push(event));
  const listening = new ReplaySubject<unknown>(1);
  const server = serveScgi(handler, {
    listen: `unix:${path}`,
    inspect: (event) => events.next(event),
    onError: () => undefined,
  }).subscribe(listening);
  afterwards(() => server.unsubscribe());
  await firstValueFrom(listening);
  const socket = connect(path);
  afterwards(() => socket.destroy());
  socket.on('error', () => undefined);
  play(socket);
  await firstValueFrom(events.pipe(filter(until)));
  return all;
}

const write =
  (...chunks: (Uint8Array | string)[]) =>
  (socket: Socket): void => {
    for (const chunk of chunks) socket.write(chunk);
    socket.resume();
  };
const withBody =
  (body: ScgiResponse['body'], more: ScgiResponse = {}): ScgiHandler =>
  () =>
    of({ body, ...more });
/** The client leaves when it gets a response. */
const leave =
  (bytes: Uint8Array) =>
  (socket: Socket): void => {
    socket.write(bytes);
    socket.once('data', () => socket.destroy());
  };

describe('the copied test of a real exchange', () => {
  it.each<[string, ScgiHandler, (socket: Socket) => void]>([
    [
      'an answer',
      withBody('Hello', {
        headers: [
          ['Set-Cookie', 'a=b'],
          ['X-A', '\u00e9'],
        ],
      }),
      write(get),
    ],
    ['a handler that goes on after its response', () => concat(of({ body: 'x' }), NEVER), write(get)],
    [
      'an answer in chunks',
      withBody(concat(of('a', 'b'), of('c').pipe(delay(20)), of('\u20ac').pipe(delay(3)))),
      write(get),
    ],
    ['an answer to HEAD', withBody('Hello'), write(requestBytes({ method: 'HEAD' }))],
    ['an upload to a slow handler', slow, write(upload(300 * KIB))],
    ['an upload that nobody takes', () => of({ status: 204 }), write(upload(300 * KIB))],
    [
      'an upload in pieces',
      ({ body }) => of({ body }),
      (socket) => {
        const bytes = upload(9000);
        socket.write(bytes.subarray(0, 30));
        setTimeout(() => socket.write(bytes.subarray(30, 4000)), 10);
        setTimeout(() => socket.write(bytes.subarray(4000)), 20);
        socket.resume();
      },
    ],
    [
      'a client that leaves an event stream',
      () => of(serverSentEvents(concat(of({ data: '1' }), NEVER))),
      leave(get),
    ],
    [
      'a client that reads slowly',
      withBody(of(new Uint8Array(2048 * KIB))),
      (socket) => {
        socket.write(get);
        setTimeout(() => socket.resume(), 50);
      },
    ],
    ['a client that ends an upload early', slow, (socket) => socket.end(upload(9000).subarray(0, 4000))],
    [
      'a handler that throws',
      () => {
        throw new TypeError("it's \u2028");
      },
      write(get),
    ],
    [
      'a handler that fails later',
      () => timer(10).pipe(mergeMap(() => throwError(() => new Error('late')))),
      write(get),
    ],
    ['a handler without a response', () => of(), write(get)],
    ['a header that cannot be sent', withBody('x', { headers: { 'X-A': 'a\nb' } }), write(get)],
    [
      'a response that is cut',
      withBody(concat(of('half'), timer(10).pipe(mergeMap(() => throwError(() => new Error('cut')))))),
      write(get),
    ],
    [
      'a body that is too short',
      withBody(concat(of('half'), of('').pipe(delay(5))), { headers: { 'Content-Length': '9' } }),
      write(get),
    ],
    ['HTTP', slow, write('GET / HTTP/1.1\r\n\r\n')],
    ['a header twice', slow, write(requestBytes({ variables: { SCGI: '2' } }))],
    ['a head that ends early', slow, (socket) => socket.end(get.subarray(0, 20))],
    ['a head that is too large', slow, write('9999999:')],
  ])('should pass for %s', async (_, handler, play) => {
    const events = await record(handler, play);
    const { text: test, reason } = page.marbleTestOf(exchangeOf(page, events));
    expect(reason).toBeUndefined();
    expect(test).not.toContain('secret');
    try {
      expect(runMarbleTest(test!)).toHaveLength(1);
    } catch (error) {
      throw new Error(`${test!.slice(0, 6000)}\n${JSON.stringify(events).slice(0, 3000)}`, { cause: error });
    }
  });

  it('should say who braked, within the time of the exchange', async () => {
    const events = await record(slow, write(upload(300 * KIB)), (event) => event.type === 'input-paused');
    expect(page.badgesOf(exchangeOf(page, events), events.at(-1)!.at + 5)[0]!.text).toMatch(
      /^upload braked .* by pullMap$/,
    );
  });
});
