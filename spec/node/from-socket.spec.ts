import { once } from 'node:events';
import { BehaviorSubject, firstValueFrom, take } from 'rxjs';
import { flowOf, fromSocket } from '../../lib/node/index.js';
import { Log } from '../helpers/sockets/log.js';
import { expectNoProcessFaults } from '../helpers/faults/process-faults.js';
import { TRANSPORTS, cleanUpSockets, socketPair } from '../helpers/sockets/sockets.js';

/** What a log of chunks has, as text. */
const textOf = ({ values }: Log<Uint8Array>): string => Buffer.concat(values).toString('latin1');

expectNoProcessFaults();
cleanUpSockets();

describe.each(TRANSPORTS)('fromSocket over %s', (transport) => {
  it('should emit what arrives, and complete at FIN with the connection still open', async () => {
    const { socket, gateway } = await socketPair(transport);
    const log = new Log(fromSocket(socket));
    gateway.write('abc');
    await once(socket, 'data');
    gateway.write('def');
    gateway.end();
    await log.over();
    expect([textOf(log), log.ending]).toEqual(['abcdef', 'complete']);
    expect(socket.destroyed).toBe(false);
    socket.end('still here');
    expect(await gateway.response()).toBe('still here');
  });

  it('should read nothing before it is subscribed', async () => {
    const { socket, gateway } = await socketPair(transport);
    const source = fromSocket(socket);
    gateway.write('abc');
    gateway.end();
    await once(gateway.socket, 'finish');
    expect(socket.isPaused()).toBe(true);
    expect(socket.bytesRead).toBe(0);
    const log = new Log(source);
    await log.over();
    expect(textOf(log)).toBe('abc');
  });

  it('should stop reading when unsubscribed, lose nothing, and not end the connection', async () => {
    const { socket, gateway } = await socketPair(transport);
    const first = firstValueFrom(fromSocket(socket).pipe(take(1)));
    gateway.write('abc');
    expect(Buffer.from(await first).toString()).toBe('abc');
    expect(socket.isPaused()).toBe(true);
    gateway.write('def');
    gateway.end();
    await once(gateway.socket, 'finish');
    expect(socket.destroyed).toBe(false);
    const log = new Log(fromSocket(socket));
    await log.over();
    expect([textOf(log), log.ending]).toEqual(['def', 'complete']);
  });

  it('should pause while inputPaused is true', async () => {
    const { socket, gateway } = await socketPair(transport);
    const busy = new BehaviorSubject(true);
    flowOf(socket).holdInput(busy);
    const log = new Log(fromSocket(socket));
    gateway.write('abc');
    gateway.end();
    await once(gateway.socket, 'finish');
    expect([socket.isPaused(), textOf(log)]).toEqual([true, '']);
    busy.next(false);
    expect(socket.isPaused()).toBe(false);
    await log.over();
    expect([textOf(log), log.ending]).toEqual(['abc', 'complete']);
  });

  it('should complete at once where FIN has been read', async () => {
    const { socket, gateway } = await socketPair(transport);
    gateway.end();
    await new Log(fromSocket(socket)).over();
    const second = new Log(fromSocket(socket));
    expect([textOf(second), second.ending]).toEqual(['', 'complete']);
  });

  it('should fail when the connection is closed by this side', async () => {
    const { socket, gateway } = await socketPair(transport);
    const log = new Log(fromSocket(socket));
    gateway.write('abc');
    await once(socket, 'data');
    socket.destroy();
    await log.over();
    expect(log.ending).toMatchObject({ code: 'ERR_SCGI_GATEWAY_GONE', offset: 3, cause: undefined });
  });

  it('should fail at once on a socket that is closed', async () => {
    const { socket } = await socketPair(transport);
    socket.destroy();
    await once(socket, 'close');
    expect(new Log(fromSocket(socket)).ending).toMatchObject({ code: 'ERR_SCGI_GATEWAY_GONE' });
  });

  it('should fail for a second reader, and leave the first alone', async () => {
    const { socket, gateway } = await socketPair(transport);
    const log = new Log(fromSocket(socket));
    const second = new Log(fromSocket(socket));
    expect(second.ending).toMatchObject({ code: 'ERR_SCGI_BODY_USED' });
    gateway.write('abc');
    gateway.end();
    await log.over();
    expect([textOf(log), log.ending]).toEqual(['abc', 'complete']);
  });
});

describe('fromSocket', () => {
  it('should fail with the error of the socket as cause when the connection is reset', async () => {
    const { socket, gateway } = await socketPair('TCP');
    const log = new Log(fromSocket(socket));
    gateway.write('abc');
    await once(socket, 'data');
    gateway.socket.resetAndDestroy();
    await log.over();
    expect(log.ending).toMatchObject({
      code: 'ERR_SCGI_GATEWAY_GONE',
      offset: 3,
      cause: { code: 'ECONNRESET' },
    });
  });
});
