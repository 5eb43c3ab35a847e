/** What only a system can show of a transport: progress within a write, and a gateway that has closed. */
import { once } from 'node:events';
import { SocketTransport } from '../../lib/node/socket-transport.js';
import type { TransportEvents } from '../../lib/server/transport.js';
import { expectNoProcessFaults } from '../helpers/faults/process-faults.js';
import {
  TRANSPORTS,
  cleanUpSockets,
  socketPair,
  type Transport,
  type SocketPair,
} from '../helpers/sockets/sockets.js';

const MB = 1024 * 1024;

expectNoProcessFaults();
cleanUpSockets();

interface Attached extends SocketPair {
  readonly transport: SocketTransport;
  readonly seen: string[];
  /** Waits for an event. */
  readonly event: (name: string) => Promise<void>;
}

/** A transport whose events are kept. */
async function attached(kind: Transport): Promise<Attached> {
  const pair = await socketPair(kind);
  const transport = new SocketTransport(pair.socket);
  const seen: string[] = [];
  const waiting = new Set<() => void>();
  const tell = (what: string): void => {
    seen.push(what);
    waiting.forEach((wake) => wake());
  };
  transport.events = {
    received: ({ length }) => tell(`received ${length}`),
    ended: () => tell('ended'),
    drained: () => tell('drained'),
    closed: (error?: NodeJS.ErrnoException) => tell(`closed ${error?.code ?? ''}`.trim()),
  } satisfies TransportEvents;
  const event = async (name: string): Promise<void> => {
    while (!seen.includes(name)) await new Promise<void>((resolve) => waiting.add(resolve));
  };
  return { ...pair, transport, seen, event };
}

describe.each(TRANSPORTS)('SocketTransport over %s', (kind) => {
  it('should report that the system has taken what it takes at once', async () => {
    const { transport, seen } = await attached(kind);
    expect([transport.write('text'), transport.write(new Uint8Array(20_000))]).toEqual([true, true]);
    expect([transport.bytesTaken, seen]).toEqual([20_004, []]);
  });

  it('should report the progress of one large write, and when all of it is taken', async () => {
    const { gateway, transport, event, seen } = await attached(kind);
    gateway.socket.pause();
    expect(transport.write(new Uint8Array(32 * MB))).toBe(false);
    const before = transport.bytesTaken;
    expect(before).toBeLessThan(32 * MB);
    gateway.socket.resume();
    while (transport.bytesTaken === before) await once(gateway.socket, 'data');
    expect(transport.bytesTaken).toBeGreaterThan(before);
    await event('drained');
    expect([transport.bytesTaken, seen]).toEqual([32 * MB, ['drained']]);
  });

  it('should report once that everything is taken, however much more is written meanwhile', async () => {
    const { gateway, transport, event, seen } = await attached(kind);
    gateway.socket.pause();
    expect([transport.write(new Uint8Array(8 * MB)), transport.write('more')]).toEqual([false, false]);
    transport.end();
    gateway.socket.resume();
    await event('drained');
    expect((await gateway.response()).length).toBe(8 * MB + 4);
    expect(seen.filter((what) => what === 'drained')).toHaveLength(1);
  });

  it('should report that everything is taken when the gateway closes then: another write would fail', async () => {
    const { gateway, transport, event, socket, seen } = await attached(kind);
    const write = socket._write.bind(socket);
    socket._write = (chunk: Uint8Array | string, encoding, callback) => {
      if (chunk.length > 0) write(chunk, encoding, callback);
      else callback(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    };
    gateway.socket.pause();
    expect(transport.write(new Uint8Array(8 * MB))).toBe(false);
    gateway.socket.resume();
    await Promise.race([event('drained'), event('closed EPIPE')]);
    expect(seen).toEqual(['drained']);
  });

  it('should not take a write that has failed for taken', async () => {
    const { gateway, transport, event, seen } = await attached(kind);
    gateway.socket.pause();
    transport.resumeReading();
    expect(transport.write(new Uint8Array(8 * MB))).toBe(false);
    transport.end();
    gateway.socket.destroy();
    await event('closed ECONNRESET');
    expect(seen).not.toContain('drained');
  });

  it('should close at the end of a request that is over where nothing can be lost by it, and wait for FIN elsewhere', async () => {
    const { gateway, transport, event, seen, socket } = await attached(kind);
    transport.resumeReading();
    transport.write('all of it');
    transport.end(true);
    expect(socket.destroyed).toBe(kind === 'Unix');
    expect(await gateway.response()).toBe('all of it');
    gateway.end();
    await event('closed');
    expect(seen).toEqual(kind === 'Unix' ? ['closed'] : ['ended', 'closed']);
  });

  it('should not ask the system for the port of TCP at the end of a request that is over', async () => {
    const { transport, socket } = await attached(kind);
    const asked = jest.fn();
    Object.defineProperty(socket, 'localPort', { get: asked });
    transport.write('all of it');
    transport.end(true);
    expect(asked).toHaveBeenCalledTimes(kind === 'Unix' ? 1 : 0);
  });

  it('should send everything before it closes at the end of a request that is over', async () => {
    const { gateway, transport } = await attached(kind);
    gateway.socket.pause();
    expect(transport.write(new Uint8Array(8 * MB))).toBe(false);
    transport.end(true);
    gateway.socket.resume();
    expect((await gateway.response()).length).toBe(8 * MB);
  });

  it('should wait for FIN where more of the request may come', async () => {
    const { gateway, transport, socket } = await attached(kind);
    transport.write('all of it');
    transport.end(false);
    expect(socket.destroyed).toBe(false);
    expect(await gateway.response()).toBe('all of it');
  });

  it('should accept a gateway that has half-closed', async () => {
    const { gateway, transport, event, seen } = await attached(kind);
    transport.resumeReading();
    gateway.end();
    await event('ended');
    transport.write('');
    transport.write('still there');
    expect(await gateway.received((text) => text === 'still there')).toBe('still there');
    expect(seen).toEqual(['ended']);
  });

  it('should close a reset connection that is not read, when it is asked about it', async () => {
    const { gateway, transport, event } = await attached(kind);
    gateway.write('unread');
    if (kind === 'TCP') gateway.socket.resetAndDestroy();
    else gateway.socket.destroy();
    await once(gateway.socket, 'close');
    while (!transport.write('') || !(await closedSoon(event))) continue;
    expect(transport.write('nobody')).toBe(true);
  });

  it('should do nothing once it is closed', async () => {
    const { transport, event, seen } = await attached(kind);
    transport.destroy();
    await event('closed');
    expect([transport.write('a'), transport.write('')]).toEqual([true, true]);
    for (const act of ['pauseReading', 'resumeReading', 'end', 'abort', 'destroy'] as const) transport[act]();
    await new Promise(setImmediate);
    expect(seen).toEqual(['closed']);
  });

  it('should let go of the receiver of its events once it is closed, as the socket may be kept for longer', async () => {
    const { transport, event } = await attached(kind);
    transport.destroy();
    await event('closed');
    expect(transport.events).toBeUndefined();
  });
});

async function closedSoon(event: Attached['event']): Promise<boolean> {
  let closed = false;
  const code = event('closed EPIPE').then(() => (closed = true));
  const other = event('closed ECONNRESET').then(() => (closed = true));
  await Promise.race([code, other, new Promise(setImmediate)]);
  return closed;
}

describe('SocketTransport over Unix', () => {
  it.each([
    ['TCP', [[true, 1000]]],
    ['Unix', []],
  ] as const)('should have %s ask for a gateway of which nothing can be read, once', async (kind, calls) => {
    const { socket, transport } = await attached(kind);
    const setKeepAlive = jest.spyOn(socket, 'setKeepAlive');
    transport.write('text');
    expect(setKeepAlive).not.toHaveBeenCalled();
    transport.write('');
    transport.write('');
    expect(setKeepAlive.mock.calls).toEqual(calls);
  });

  it('should close, by an empty write, when the gateway has closed after its FIN', async () => {
    const { gateway, transport, event, seen } = await attached('Unix');
    transport.resumeReading();
    gateway.socket.destroy();
    await event('ended');
    transport.write('');
    await event('closed EPIPE');
    expect(seen).toEqual(['ended', 'closed EPIPE']);
  });
});

describe('SocketTransport over TCP, where small packets wait for each other', () => {
  const SMALL = 1220;

  it.each([
    { what: 'one small write', writes: [SMALL], calls: 0 },
    { what: 'a large one', writes: [SMALL + 1], calls: 1 },
    { what: 'several', writes: [1, 1, SMALL + 1], calls: 1 },
    { what: 'an empty one and another', writes: [0, 1], calls: 1 },
  ])('should have $what sent at once, by $calls calls of the system', async ({ writes, calls }) => {
    const { socket, gateway, transport } = await attached('TCP');
    const setNoDelay = jest.spyOn(socket, 'setNoDelay');
    for (const bytes of writes) transport.write(new Uint8Array(bytes));
    transport.end();
    expect(setNoDelay.mock.calls).toEqual(Array(calls).fill([true]));
    expect((await gateway.response()).length).toBe(writes.reduce((a, b) => a + b));
  });

  it('should stop the delay before the write that would wait', async () => {
    const { socket, transport } = await attached('TCP');
    const order: string[] = [];
    jest.spyOn(socket, 'setNoDelay').mockImplementation(() => (order.push('setNoDelay'), socket));
    jest.spyOn(socket, 'write').mockImplementation(() => (order.push('write'), true));
    transport.write('head');
    transport.write('body');
    expect(order).toEqual(['write', 'setNoDelay', 'write']);
  });
});
