import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { EMPTY, NEVER, Subject, concat, filter, firstValueFrom, interval, map, of } from 'rxjs';
import { flowOf, fromSocket, writeTo } from '../../lib/node/index.js';
import { Log } from '../helpers/sockets/log.js';
import { expectNoProcessFaults } from '../helpers/faults/process-faults.js';
import { TRANSPORTS, cleanUpSockets, socketPair } from '../helpers/sockets/sockets.js';

const MB = 1024 * 1024;
const text = (value: string): Uint8Array => Buffer.from(value, 'latin1');

expectNoProcessFaults();
cleanUpSockets();

describe.each(TRANSPORTS)('writeTo over %s', (transport) => {
  it('should write chunks, then FIN, and complete when the gateway has closed', async () => {
    const { socket, gateway } = await socketPair(transport);
    const log = new Log(of(text('ab'), text('cd')).pipe(writeTo(socket, { lingerMs: Infinity })));
    expect(await gateway.response()).toBe('abcd');
    expect(log.ending).toBeUndefined();
    gateway.end();
    expect(await log.over()).toBe('complete');
    expect(log.values).toEqual([]);
    expect(socket.destroyed).toBe(true);
  });

  it('should send FIN for a source that is empty', async () => {
    const { socket, gateway } = await socketPair(transport);
    const log = new Log(EMPTY.pipe(writeTo(socket)));
    expect(await gateway.response()).toBe('');
    gateway.end();
    expect(await log.over()).toBe('complete');
  });

  it.each([
    ['a response that nothing has encoded', { status: 200, body: 'x' }],
    ['text', 'x'],
    ['a number', 5],
    ['nothing', null],
  ])('should cut the connection, and error, for %s in place of bytes', async (_what, chunk) => {
    const { socket, gateway } = await socketPair(transport);
    const log = new Log(of(text('ab'), chunk as never, text('cd')).pipe(writeTo(socket)));
    expect(await log.over()).toMatchObject({ code: 'ERR_SCGI_BODY_TYPE' });
    expect(await gateway.response()).not.toContain('c');
    expect(socket.destroyed).toBe(true);
  });

  it('should deliver the response to a gateway that is still sending, and drop its input', async () => {
    const { socket, gateway } = await socketPair(transport);
    gateway.write(Buffer.alloc(8 * MB));
    const log = new Log(of(text('early')).pipe(writeTo(socket)));
    expect(await gateway.response()).toBe('early');
    gateway.end();
    expect(await log.over()).toBe('complete');
    expect(socket.bytesRead).toBe(8 * MB);
    expect(gateway.error).toBeUndefined();
  });

  it('should read and drop input while it writes, so that no deadlock occurs', async () => {
    const { socket, gateway } = await socketPair(transport);
    gateway.socket.pause();
    const log = new Log(concat(of(Buffer.alloc(8 * MB)), NEVER).pipe(writeTo(socket)));
    gateway.write(Buffer.alloc(8 * MB));
    // A gateway that reads when it has sent everything.
    gateway.end();
    await once(gateway.socket, 'finish');
    gateway.socket.resume();
    expect(await gateway.received(({ length }) => length === 8 * MB)).toHaveLength(8 * MB);
    log.unsubscribe();
  });

  it('should leave the input to a reader while there is one', async () => {
    const { socket, gateway } = await socketPair(transport);
    const response = new Subject<Uint8Array>();
    const output = new Log(response.pipe(writeTo(socket)));
    const input = new Log(fromSocket(socket));
    gateway.write('abc');
    await input.value(() => true);
    input.unsubscribe();
    response.complete();
    gateway.write('dropped');
    gateway.end();
    expect(await gateway.response()).toBe('');
    expect(await output.over()).toBe('complete');
    expect(Buffer.concat(input.values).toString()).toBe('abc');
    expect(socket.bytesRead).toBe(10);
  });

  it('should close after lingerMs where the gateway does not', async () => {
    const { socket, gateway } = await socketPair(transport);
    const begun = performance.now();
    const log = new Log(of(text('a')).pipe(writeTo(socket, { lingerMs: 40 })));
    expect(await gateway.response()).toBe('a');
    expect(await log.over()).toBe('complete');
    // Timers count in whole milliseconds, of another clock.
    expect(performance.now() - begun).toBeGreaterThan(38);
  });

  it('should close after lingerBytes where the gateway goes on sending', async () => {
    const { socket, gateway } = await socketPair(transport);
    const log = new Log(of(text('a')).pipe(writeTo(socket, { lingerMs: Infinity, lingerBytes: MB })));
    expect(await gateway.response()).toBe('a');
    gateway.flood();
    expect(await log.over()).toBe('complete');
    expect(socket.bytesRead).toBeGreaterThan(MB);
    expect(socket.bytesRead).toBeLessThan(MB + 131_072);
  });

  it('should not count what was dropped before the end of the response', async () => {
    const { socket, gateway } = await socketPair(transport);
    const response = new Subject<Uint8Array>();
    const log = new Log(response.pipe(writeTo(socket, { lingerMs: Infinity, lingerBytes: 0 })));
    gateway.write(Buffer.alloc(MB));
    while (socket.bytesRead < MB) await once(socket, 'data');
    response.next(text('a'));
    response.complete();
    expect(await gateway.response()).toBe('a');
    gateway.end();
    expect(await log.over()).toBe('complete');
  });

  it('should fail with the error of the source, after what came before', async () => {
    const { socket, gateway } = await socketPair(transport);
    const boom = new Error('boom');
    const source = new Subject<Uint8Array>();
    const log = new Log(source.pipe(writeTo(socket)));
    source.next(text('partial'));
    expect(await gateway.received((all) => all === 'partial')).toBe('partial');
    source.error(boom);
    expect(await log.over()).toBe(boom);
    expect(socket.destroyed).toBe(true);
  });

  it('should fail when the gateway goes away in the middle', async () => {
    const { socket, gateway } = await socketPair(transport);
    const log = new Log(concat(of(Buffer.alloc(32 * MB)), NEVER).pipe(writeTo(socket)));
    await gateway.received(({ length }) => length > 0);
    gateway.socket.destroy();
    expect(await log.over()).toMatchObject({
      code: 'ERR_SCGI_GATEWAY_GONE',
      cause: { code: expect.stringMatching(/^E(PIPE|CONNRESET)$/) as unknown },
    });
  });

  it('should fail when the gateway goes away while the last of a response waits', async () => {
    const { socket, gateway } = await socketPair(transport);
    gateway.socket.pause();
    const log = new Log(of(Buffer.alloc(32 * MB)).pipe(writeTo(socket)));
    gateway.socket.destroy();
    expect(await log.over()).toMatchObject({ code: 'ERR_SCGI_GATEWAY_GONE' });
  });

  it('should succeed when the gateway closes as soon as it has everything', async () => {
    const { socket, gateway } = await socketPair(transport);
    gateway.socket.once('data', () => gateway.socket.destroy());
    const log = new Log(of(text('all of it')).pipe(writeTo(socket)));
    expect(await log.over()).toBe('complete');
  });

  it('should fail at once on a socket that is closed', async () => {
    const { socket } = await socketPair(transport);
    socket.destroy();
    await once(socket, 'close');
    const log = new Log(NEVER.pipe(writeTo(socket)));
    expect(log.ending).toMatchObject({ code: 'ERR_SCGI_GATEWAY_GONE' });
  });

  it('should set outputPaused while the gateway does not take what is written', async () => {
    const { socket, gateway } = await socketPair(transport);
    gateway.socket.pause();
    const paused = new Log(flowOf(socket).outputPaused);
    const source = new Subject<Uint8Array>();
    const log = new Log(source.pipe(writeTo(socket)));
    source.next(text('a'));
    expect(paused.values).toEqual([false]);
    source.next(Buffer.alloc(32 * MB));
    expect(paused.values).toEqual([false, true]);
    gateway.socket.resume();
    await paused.value((value) => !value && paused.values.length === 3);
    expect(await gateway.received(({ length }) => length === 32 * MB + 1)).toHaveLength(32 * MB + 1);
    expect(paused.values).toEqual([false, true, false]);
    log.unsubscribe();
  });

  it('should not fail while the gateway takes some of a large chunk now and then', async () => {
    const { socket, gateway } = await socketPair(transport);
    const log = new Log(of(Buffer.alloc(24 * MB)).pipe(writeTo(socket, { sendTimeoutMs: 800 })));
    // Reads 32 KiB at a time, at 10 MB/s at most.
    const pace = interval(3).subscribe(() => gateway.socket.resume());
    gateway.socket.on('data', () => gateway.socket.pause());
    expect(await gateway.received(({ length }) => length === 24 * MB)).toHaveLength(24 * MB);
    pace.unsubscribe();
    gateway.end();
    expect(await log.over()).toBe('complete');
  });

  it('should fail after sendTimeoutMs in which the gateway takes nothing', async () => {
    const { socket, gateway } = await socketPair(transport);
    gateway.socket.pause();
    const log = new Log(of(Buffer.alloc(32 * MB)).pipe(writeTo(socket, { sendTimeoutMs: 40 })));
    expect(await log.over()).toMatchObject({ code: 'ERR_SCGI_SEND_TIMEOUT', limit: 40 });
    expect(socket.destroyed).toBe(true);
  });

  it('should fail after sendTimeoutMs however much more is written to it meanwhile', async () => {
    const { socket, gateway } = await socketPair(transport);
    gateway.socket.pause();
    const source = concat(of(Buffer.alloc(32 * MB)), interval(5).pipe(map(() => text('more'))));
    const log = new Log(source.pipe(writeTo(socket, { sendTimeoutMs: 40 })));
    expect(await log.over()).toMatchObject({ code: 'ERR_SCGI_SEND_TIMEOUT', limit: 40 });
  });

  it('should set outputPaused, and fail in time, on a socket that is full already', async () => {
    const { socket, gateway } = await socketPair(transport);
    gateway.socket.pause();
    socket.write(Buffer.alloc(32 * MB));
    const log = new Log(concat(of(text('a')), NEVER).pipe(writeTo(socket, { sendTimeoutMs: 40 })));
    expect(flowOf(socket).outputPaused.value).toBe(true);
    expect(await log.over()).toMatchObject({ code: 'ERR_SCGI_SEND_TIMEOUT', limit: 40 });
  });

  it('should not add a listener twice', async () => {
    const { socket, gateway } = await socketPair(transport);
    const before = new Log(fromSocket(socket));
    before.unsubscribe();
    const log = new Log(of(text('a')).pipe(writeTo(socket)));
    for (const event of ['data', 'end', 'error', 'close']) {
      expect([event, socket.listenerCount(event) <= 2]).toEqual([event, true]);
    }
    gateway.end();
    expect(await log.over()).toBe('complete');
  });

  it('should pause and resume each time that the socket is full, with no listener left behind', async () => {
    const { socket, gateway } = await socketPair(transport);
    const source = new Subject<Uint8Array>();
    new Log(source.pipe(writeTo(socket)));
    for (let count = 0; count < 3; count++) {
      gateway.socket.pause();
      source.next(Buffer.alloc(8 * MB));
      source.next(Buffer.alloc(MB));
      expect(flowOf(socket).outputPaused.value).toBe(true);
      gateway.socket.resume();
      await firstValueFrom(flowOf(socket).outputPaused.pipe(filter((paused) => !paused)));
      expect(socket.listenerCount('drain')).toBe(0);
    }
  });
});

describe('writeTo', () => {
  it('should reset a TCP connection whose response fails, so that it does not look complete', async () => {
    const { socket, gateway } = await socketPair('TCP');
    const source = new Subject<Uint8Array>();
    new Log(source.pipe(writeTo(socket)));
    source.next(text('partial'));
    await gateway.received((all) => all === 'partial');
    source.error(new Error('boom'));
    expect(await gateway.ending()).toBe('ECONNRESET');
  });

  it('should reset a TCP connection when it is unsubscribed', async () => {
    const { socket, gateway } = await socketPair('TCP');
    const log = new Log(concat(of(text('partial')), NEVER).pipe(writeTo(socket)));
    await gateway.received((all) => all === 'partial');
    log.unsubscribe();
    expect(await gateway.ending()).toBe('ECONNRESET');
  });

  it('should close a Unix socket, which has no reset', async () => {
    const { socket, gateway } = await socketPair('Unix');
    const log = new Log(concat(of(text('partial')), NEVER).pipe(writeTo(socket)));
    await gateway.received((all) => all === 'partial');
    log.unsubscribe();
    expect(await gateway.ending()).toBe('end');
  });

  it('should error when the stream itself throws, and end no process', async () => {
    const failure = new Error('no such device');
    const stream = new Duplex({
      read: () => undefined,
      write: () => {
        throw failure;
      },
    });
    const log = new Log(of(text('ab'), text('cd')).pipe(writeTo(stream)));
    expect(await log.over()).toMatchObject({ code: 'ERR_SCGI_GATEWAY_GONE', cause: failure });
    expect(stream.destroyed).toBe(true);
  });

  it.each([{ lingerMs: 0 }, { lingerMs: 2 ** 31 }, { lingerBytes: -1 }, { sendTimeoutMs: 1.5 }])(
    'should throw at the call for %j',
    async (options) => {
      const { socket } = await socketPair();
      expect(() => writeTo(socket, options)).toThrow(RangeError);
    },
  );
});
