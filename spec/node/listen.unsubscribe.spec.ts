import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { NEVER, concat, map, mergeMap, tap, type Observable } from 'rxjs';
import { flowOf, fromSocket, listen, writeTo } from '../../lib/node/index.js';
import type { FlowState } from '../../lib/operators/flow/flow.js';
import { listenOnFirst } from '../helpers/sockets/listening-log.js';
import { Log } from '../helpers/sockets/log.js';
import { expectNoProcessFaults } from '../helpers/faults/process-faults.js';
import {
  TestGateway,
  afterwards,
  cleanUpSockets,
  listening,
  temporaryFolder,
} from '../helpers/sockets/sockets.js';

expectNoProcessFaults();
cleanUpSockets();

describe('listen, when it is unsubscribed', () => {
  /** Connects so many gateways to a pipeline that serves one connection at a time. */
  async function connectTo(source: Observable<Socket>, address: Promise<string>, count: number) {
    const sockets: Socket[] = [];
    const serving = new Log(
      source.pipe(
        tap((socket) => sockets.push(socket)),
        mergeMap((socket) => concat(fromSocket(socket), NEVER).pipe(map(() => socket)), 1),
      ),
    );
    const at = await address;
    const gateways = await Promise.all(Array.from({ length: count }, () => TestGateway.connect(at)));
    for (const gateway of gateways) gateway.write('0');
    const served = await serving.value(() => true);
    while (sockets.length < count) await setImmediate();
    afterwards(() => sockets.forEach((socket) => socket.destroy()));
    return { serving, served, sockets };
  }

  it.each(['127.0.0.1:0', 'unix:'])(
    'should close only the sockets that nobody has begun to read (%s)',
    async (kind) => {
      const target = kind === 'unix:' ? `unix:${join(temporaryFolder(), 'app.sock')}` : kind;
      let told: (address: string) => void;
      const address = new Promise<string>((resolve) => (told = resolve));
      const source = listen(target, { onListening: (bound) => told(bound) });
      const { serving, served, sockets } = await connectTo(source, address, 20);
      serving.unsubscribe();
      await Promise.all(sockets.filter((socket) => socket !== served).map((socket) => once(socket, 'close')));
      expect(sockets.filter((socket) => !socket.destroyed)).toEqual([served]);
    },
  );

  it('should close them on a given server, too, but not when that completes', async () => {
    for (const end of ['unsubscribe', 'close'] as const) {
      const server = createServer({ pauseOnConnect: true });
      const { serving, served, sockets } = await connectTo(listen(server), listening(server), 3);
      if (end === 'unsubscribe') serving.unsubscribe();
      else server.close();
      await setImmediate();
      await setImmediate();
      const left = sockets.filter((socket) => !socket.destroyed);
      expect(left).toEqual(end === 'unsubscribe' ? [served] : sockets);
      for (const socket of sockets) socket.destroy();
    }
  });

  it.each<[string, (socket: Socket) => unknown]>([
    ['is written to', (socket) => socket.write('hello')],
    ['has been ended', (socket) => socket.end()],
    ['is resumed', (socket) => socket.resume()],
    ['has a data listener', (socket) => socket.on('data', () => undefined)],
    [
      'is iterated',
      (socket) =>
        socket[Symbol.asyncIterator]()
          .next()
          .catch(() => undefined),
    ],
    [
      'has a reader that is held',
      (socket) => {
        (flowOf(socket) as FlowState).hold(1, true);
        new Log(fromSocket(socket));
      },
    ],
    ['has a writer', (socket) => new Log(NEVER.pipe(writeTo(socket)))],
  ])('should leave a socket open that %s', async (_what, use) => {
    const server = listenOnFirst('127.0.0.1:0');
    await TestGateway.connect(await server.address);
    const [socket] = (await server.sockets) as [Socket];
    afterwards(() => socket.destroy());
    use(socket);
    await setImmediate();
    await setImmediate();
    expect(socket.destroyed).toBe(false);
  });

  it('should leave a socket open for code that has awaited it', async () => {
    const server = listenOnFirst('127.0.0.1:0');
    const gateway = await TestGateway.connect(await server.address);
    const [socket] = (await server.sockets) as [Socket];
    await Promise.resolve();
    socket.end('hello');
    expect(await gateway.response()).toBe('hello');
  });
});
