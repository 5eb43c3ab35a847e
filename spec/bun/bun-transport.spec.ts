/** What the transport makes of a socket of Bun. The real one is in spec/runtimes/transports.spec.ts. */
import { BunTransport, HANDLERS } from '../../lib/bun/bun-transport.js';
import type { BunSocket } from '../../lib/bun/bun-api.js';
import { serveScgi, usingSocket } from '../../lib/bun/index.js';

/** A socket that takes as many bytes as it is told to. */
class FakeSocket implements BunSocket {
  data: unknown;
  readonly remoteAddress = '127.0.0.1';
  readonly localPort = 4000;
  /** How many bytes the next writes take; then 0. */
  readonly room: number[] = [];
  /** What was taken, one string a write. */
  readonly taken: string[] = [];
  readonly calls: string[] = [];

  write(data: string | Uint8Array, encoding?: 'latin1'): number {
    // As Bun does: without an encoding, in UTF-8.
    const bytes = typeof data === 'string' ? Buffer.from(data, encoding) : data;
    const room = this.room.shift() ?? 0;
    if (room > 0) this.taken.push(Buffer.from(bytes.subarray(0, room)).toString('latin1'));
    return Math.min(room, bytes.length);
  }

  setKeepAlive(): boolean {
    this.calls.push('keep-alive');
    return true;
  }

  pause = (): void => void this.calls.push('pause');
  resume = (): void => void this.calls.push('resume');
  shutdown = (): void => void this.calls.push('shutdown');

  end(): void {
    this.calls.push('end');
    HANDLERS.close(this);
  }

  close(): void {
    this.calls.push('close');
    HANDLERS.close(this);
  }

  terminate(): void {
    this.calls.push('terminate');
    HANDLERS.close(this);
  }
}

interface Attached {
  readonly socket: FakeSocket;
  readonly transport: BunTransport;
  readonly log: string[];
}

function attached(...room: number[]): Attached {
  return attach(true, room);
}

function attach(canAbort: boolean, room: readonly number[]): Attached {
  const socket = new FakeSocket();
  socket.room.push(...room);
  const transport = new BunTransport(socket, canAbort);
  socket.data = transport;
  const log: string[] = [];
  transport.events = {
    received: (chunk) => log.push(`received ${chunk.length}`),
    ended: () => log.push('ended'),
    drained: () => log.push('drained'),
    closed: (error) => log.push(error ? `closed: ${error.message}` : 'closed'),
  };
  return { socket, transport, log };
}

const microtask = (): Promise<void> => Promise.resolve();

describe('BunTransport', () => {
  it('should pause a new socket that nobody reads, and no other', () => {
    const unread = attached();
    unread.transport.open();
    const read = attached();
    read.transport.resumeReading();
    read.transport.open();
    expect([unread.socket.calls, read.socket.calls]).toEqual([['pause'], []]);
  });

  it('should write text and bytes at once while the system takes them', () => {
    const { socket, transport } = attached(100, 100, 100);
    expect([transport.write('text'), transport.write('é'), transport.write(Buffer.from([1, 255]))]).toEqual([
      true,
      true,
      true,
    ]);
    expect(socket.taken).toEqual(['text', '\xe9', '\x01\xff']);
    expect(transport.bytesTaken).toBe(7);
  });

  it.each([
    ['ASCII text', 'abcdef'],
    ['other text', 'ab\xe9def'],
    ['bytes', Buffer.from('abcdef')],
  ])('should keep what the system did not take, in order: %s', (_what, data) => {
    const { socket, transport, log } = attached(2);
    expect(transport.write(data)).toBe(false);
    expect(transport.write('later')).toBe(false);
    transport.end(false);
    HANDLERS.drain(socket);
    socket.room.push(1);
    HANDLERS.drain(socket);
    socket.room.push(100, 3);
    HANDLERS.drain(socket);
    expect([socket.calls, log]).toEqual([[], []]);
    socket.room.push(100);
    HANDLERS.drain(socket);
    expect(socket.taken.join('')).toBe(`${Buffer.from(data as string, 'latin1').toString('latin1')}later`);
    expect([socket.calls, log, transport.bytesTaken]).toEqual([['shutdown'], ['drained'], 11]);
    HANDLERS.drain(socket);
    expect(log).toEqual(['drained']);
  });

  it('should count nothing for a write that Bun refuses', () => {
    const { transport } = attached(-1);
    expect([transport.write('text'), transport.bytesTaken]).toEqual([false, 0]);
  });

  it('should cut the connection when the buffer of a waiting chunk was transferred', async () => {
    const { socket, transport, log } = attached(1);
    const chunk = new Uint8Array(10);
    transport.write(chunk);
    transport.end(false);
    structuredClone(chunk.buffer, { transfer: [chunk.buffer] });
    HANDLERS.drain(socket);
    await microtask();
    expect(socket.calls).toEqual(['terminate']);
    expect(log).toEqual(['closed: the buffer of a chunk was transferred while it went out']);
  });

  it('should tell of an end that it asked for after the call, and do nothing from then on', async () => {
    for (const how of ['abort', 'destroy'] as const) {
      const { socket, transport, log } = attached(100);
      transport.open();
      transport[how]();
      expect(log).toEqual([]);
      await microtask();
      expect(log).toEqual(['closed']);
      transport.abort();
      transport.destroy();
      transport.end(false);
      transport.resumeReading();
      transport.pauseReading();
      expect(transport.write('text')).toBe(true);
      HANDLERS.data(socket, new Uint8Array(1));
      HANDLERS.end(socket);
      HANDLERS.drain(socket);
      expect(socket.calls).toEqual(['pause', how === 'abort' ? 'terminate' : 'end']);
      expect([socket.taken, log]).toEqual([[], ['closed']]);
    }
  });

  it('should close at once at the end of a request without a body, where the gateway has all of the output already', async () => {
    for (const [canAbort, requestOver, call] of [
      [false, true, 'close'],
      [true, true, 'shutdown'],
      [false, false, 'shutdown'],
    ] as const) {
      const { socket, transport, log } = attach(canAbort, [4, 1]);
      transport.write('texts');
      transport.end(requestOver);
      expect(socket.calls).toEqual([]);
      HANDLERS.drain(socket);
      expect([socket.taken, socket.calls, log]).toEqual([['text', 's'], [call], ['drained']]);
      await microtask();
      expect(log).toEqual(call === 'close' ? ['drained', 'closed'] : ['drained']);
    }
  });

  it('should tell at once of an end that the gateway made, with its error', () => {
    const { socket, log } = attached();
    HANDLERS.data(socket, new Uint8Array(3));
    HANDLERS.end(socket);
    HANDLERS.close(socket, new Error('reset'));
    expect(log).toEqual(['received 3', 'ended', 'closed: reset']);
  });

  it('should leave reading alone after the FIN', () => {
    const { socket, transport } = attached();
    transport.resumeReading();
    transport.open();
    HANDLERS.end(socket);
    transport.pauseReading();
    transport.resumeReading();
    expect(socket.calls).toEqual([]);
  });

  it('should have TCP ask for a gateway of which nothing can be read, once', () => {
    const { socket, transport } = attached();
    transport.write('');
    transport.write(new Uint8Array(0));
    const unix = attach(false, []);
    unix.transport.write('');
    expect([socket.calls, unix.socket.calls]).toEqual([['keep-alive'], []]);
    expect([transport.canAbort, unix.transport.canAbort]).toEqual([true, false]);
  });
});

describe('rxscgi/bun on another runtime', () => {
  it('should throw, and name the entry that fits', () => {
    expect(() => serveScgi(() => ({ body: '' }), { listen: '127.0.0.1:0' })).toThrow(/rxscgi\/node/);
  });

  it('should refuse a socket that listen has not emitted', () => {
    for (const socket of [undefined, null, {}, { data: {} }, { data: { events: {} } }]) {
      expect(() => usingSocket(socket as unknown as BunSocket, () => [])).toThrow(TypeError);
    }
  });
});
