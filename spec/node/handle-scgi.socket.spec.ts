/** `handleScgi` between a socket's two sides, put together by hand: the same as a connection of `serveScgi`. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { NEVER, Observable, concat, finalize, map, of, timer, type Subscriber } from 'rxjs';
import { handleScgi, type ScgiHandler, type ScgiResponse } from '../../lib/index.js';
import { flowOf, fromSocket, writeTo } from '../../lib/node/index.js';
import { requestBytes } from '../../lib/testing/index.js';
import { Log } from '../helpers/sockets/log.js';
import { expectNoProcessFaults } from '../helpers/faults/process-faults.js';
import { TRANSPORTS, cleanUpSockets, socketPair } from '../helpers/sockets/sockets.js';

const RESPONSE = 'Status: 200 OK\r\nContent-Length: 2\r\n\r\nhi';

expectNoProcessFaults();
cleanUpSockets();

const serve = (socket: Socket, handler: ScgiHandler): Log<never> =>
  new Log(fromSocket(socket).pipe(handleScgi(handler, { flow: flowOf(socket) }), writeTo(socket)));

describe.each(TRANSPORTS)('handleScgi before writeTo over %s', (transport) => {
  it('should give a small response to the socket in one write, and end', async () => {
    const { socket, gateway } = await socketPair(transport);
    const write = jest.spyOn(socket, 'write');
    const log = serve(socket, () => of({ body: 'hi' }));
    gateway.write(requestBytes());
    expect(await gateway.response()).toBe(RESPONSE);
    gateway.end();
    expect(await log.over()).toBe('complete');
    expect(write.mock.calls.map(([data]) => Buffer.from(data).toString('latin1'))).toEqual([RESPONSE]);
  });

  it('should end the response before it finalizes the handler', async () => {
    const { socket, gateway } = await socketPair(transport);
    const ended: boolean[] = [];
    const log = serve(socket, () =>
      timer(0).pipe(
        map(() => ({ body: 'hi' })),
        // After a GET, a Unix socket is closed at once.
        finalize(() => ended.push(socket.writableEnded || socket.destroyed)),
      ),
    );
    gateway.write(requestBytes());
    expect(await gateway.response()).toBe(RESPONSE);
    gateway.end();
    expect(await log.over()).toBe('complete');
    expect(ended).toEqual([true]);
  });

  it('should end a response whose handler cannot be finalized', async () => {
    const { socket, gateway } = await socketPair(transport);
    const log = serve(socket, () =>
      timer(0).pipe(
        map(() => ({ body: 'hi' })),
        finalize(() => {
          throw new Error('boom');
        }),
      ),
    );
    gateway.write(requestBytes());
    expect(await gateway.response()).toBe(RESPONSE);
    gateway.end();
    expect(await log.over()).toBe('complete');
  });

  it('should write nothing once it is unsubscribed, not even what unsubscribing triggers', async () => {
    const { socket, gateway } = await socketPair(transport);
    const write = jest.spyOn(socket, 'write');
    let late: Subscriber<string> | undefined;
    const body = new Observable<string>((subscriber) => {
      late = subscriber;
      subscription.unsubscribe();
    });
    const handler = (): Observable<ScgiResponse> =>
      concat(of({ body }), NEVER).pipe(finalize(() => late?.next('too late')));
    const subscription = fromSocket(socket)
      .pipe(handleScgi(handler, { flow: flowOf(socket) }), writeTo(socket))
      .subscribe();
    gateway.write(requestBytes());
    await once(socket, 'close');
    expect(late).toBeDefined();
    expect(write).not.toHaveBeenCalled();
  });
});
