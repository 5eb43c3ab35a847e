/** The buffers of the input: chunks stay as they were when they came. */
import type { Socket } from 'node:net';
import { firstValueFrom, mergeMap, toArray } from 'rxjs';
import { scgiRequest } from '../../../lib/node/index.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { answering, raw } from '../../helpers/sockets/outgoing/call-application.js';
import { TRANSPORTS, cleanUpSockets } from '../../helpers/sockets/sockets.js';

expectNoProcessFaults();
cleanUpSockets();

/** No part of it occurs twice near another, nor in that of another seed at the same place. */
function bodyOf(seed: number, bytes: number): Buffer {
  const body = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at += 4) body.writeUInt32LE(seed * 0x1000_0000 + at, at);
  return body;
}

/** Sends a body in pieces, each in a turn of the event loop of its own. */
function sendInTurns(socket: Socket, body: Buffer, pieceBytes: number): void {
  const next = (at: number): void => {
    if (at < body.length) socket.write(body.subarray(at, at + pieceBytes), () => next(at + pieceBytes));
    else socket.end();
  };
  next(0);
}

const CALLS = [0, 1, 2, 3];

describe.each(TRANSPORTS)('the input of calls over %s', (transport) => {
  it.each([
    ['small', 40, 4000],
    ['of many sizes', 100_000, 4_000_000],
    ['as large as what is sent at once', 4_000_000, 4_000_000],
  ])('should keep chunks %s', async (_what, pieceBytes, bytes) => {
    let connections = 0;
    const target = await raw(
      answering((socket) => {
        const seed = connections++;
        socket.write(`X-Seed: ${seed}\n\n`);
        sendInTurns(socket, bodyOf(seed, bytes), pieceBytes);
      }),
      transport,
    );
    const responses = CALLS.map(() =>
      firstValueFrom(
        scgiRequest(target).pipe(
          mergeMap(async ({ headers, body }) => {
            const chunks = await firstValueFrom(body.pipe(toArray()));
            return { seed: Number(headers.get('X-Seed')), chunks };
          }),
        ),
      ),
    );
    for (const { seed, chunks } of await Promise.all(responses))
      expect(Buffer.concat(chunks).equals(bodyOf(seed, bytes))).toBe(true);
  });
});
