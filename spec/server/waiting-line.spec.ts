import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { WaitingLine } from '../../lib/server/waiting-line.js';

const sockets = (count: number): Socket[] =>
  Array.from({ length: count }, () => new EventEmitter() as unknown as Socket);

describe('WaitingLine', () => {
  it('should be first come, first served', () => {
    const line = new WaitingLine(3);
    const all = sockets(3);
    expect(all.map((socket) => line.join(socket))).toEqual([true, true, true]);
    expect(line.length).toBe(3);
    expect([line.next(), line.next(), line.next(), line.next()]).toEqual([...all, undefined]);
    expect(line.length).toBe(0);
  });

  it('should have room for maxWaiting, and again when one has gone', () => {
    const line = new WaitingLine(1);
    const [a, b] = sockets(2) as [Socket, Socket];
    expect([line.join(a), line.join(b)]).toEqual([true, false]);
    line.next();
    expect(line.join(b)).toBe(true);
  });

  it('should have no room with a maxWaiting of 0', () => {
    const [a] = sockets(1) as [Socket];
    expect(new WaitingLine(0).join(a)).toBe(false);
  });

  it('should lose who closes, wherever it stands', () => {
    const line = new WaitingLine(3);
    const [a, b, c] = sockets(3) as [Socket, Socket, Socket];
    for (const socket of [a, b, c]) line.join(socket);
    b.emit('close');
    expect(line.length).toBe(2);
    expect([line.next(), line.next(), line.next()]).toEqual([a, c, undefined]);
  });
});
