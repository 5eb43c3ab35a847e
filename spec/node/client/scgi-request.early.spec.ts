/** Applications that answer and close before they have read the request. */
import type { Socket } from 'node:net';
import { Subject, firstValueFrom, from, mergeMap, startWith, type Observable } from 'rxjs';
import { scgiRequest } from '../../../lib/node/index.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { answering, call, raw } from '../../helpers/sockets/outgoing/call-application.js';
import { TRANSPORTS, cleanUpSockets } from '../../helpers/sockets/sockets.js';

expectNoProcessFaults();
cleanUpSockets();

const TRIES = 5;
const CHUNK = new Uint8Array(100_000);

/** Answers behind the first bytes, and closes with the rest unread. */
const refusing = (answer: string): ((socket: Socket) => void) =>
  answering((socket) => {
    socket.pause();
    socket.write(answer, () => socket.destroy());
  });

/** A request that is larger than what the system takes at once: in one piece, pulled, and pushed. */
const BODIES: [string, () => Uint8Array | Iterable<Uint8Array> | Observable<Uint8Array>][] = [
  ['bytes', () => new Uint8Array(10_000_000)],
  ['an iterable', () => Array.from({ length: 100 }, () => CHUNK)],
  ['an Observable', () => from(Array.from({ length: 100 }, () => CHUNK))],
];

describe.each(TRANSPORTS)(
  'scgiRequest over %s, of an application that closes before it has read all',
  (transport) => {
    it.each(BODIES)('should deliver the answer to %s', async (_what, body) => {
      const target = await raw(refusing('Status: 413\r\nContent-Length: 9\r\n\r\ntoo large'), transport);
      for (let tried = 0; tried < TRIES; tried++) {
        const response$ = scgiRequest(target, { body: body(), contentLength: 10_000_000 }).pipe(
          mergeMap(async (response) => `${response.status} ${await firstValueFrom(response.text())}`),
        );
        expect(await firstValueFrom(response$)).toBe('413 too large');
      }
    });

    it('should deliver an answer that is there when a write fails', async () => {
      const more = new Subject<Uint8Array>();
      const target = await raw(
        answering((socket) => {
          socket.pause();
          socket.write('Status: 413\r\nContent-Length: 9\r\n\r\ntoo large');
          socket.destroy();
          // The next write fails before anything has been read.
          more.next(CHUNK);
        }),
        transport,
      );
      expect(await call(target, { body: more.pipe(startWith(CHUNK)), contentLength: 300_000 })).toBe(
        'too large',
      );
    });

    it('should take an end before the reset for the end', async () => {
      const target = await raw(
        answering((socket) => {
          socket.pause();
          socket.end('Status: 413\r\n\r\ntoo large', () => socket.destroy());
        }),
        transport,
      );
      for (let tried = 0; tried < TRIES; tried++)
        expect(await call(target, { body: new Uint8Array(10_000_000) })).toBe('too large');
    });

    it('should not take what came before a reset for the whole', async () => {
      // Without a length, a Unix socket shows nothing.
      const length = transport === 'TCP' ? '' : 'Content-Length: 10\r\n';
      const target = await raw(refusing(`Status: 413\r\n${length}\r\ntoo large`), transport);
      for (let tried = 0; tried < TRIES; tried++)
        await expect(call(target, { body: new Uint8Array(10_000_000) })).rejects.toMatchObject({
          code: 'ERR_SCGI_RESPONSE_TRUNCATED',
        });
    });

    it('should tell of an application that closes without an answer', async () => {
      const target = await raw(
        answering((socket) => socket.destroy()),
        transport,
      );
      for (let tried = 0; tried < TRIES; tried++)
        await expect(call(target, { body: new Uint8Array(10_000_000) })).rejects.toMatchObject({
          code: 'ERR_SCGI_EMPTY_RESPONSE',
          cause: { code: expect.stringMatching(/^(?:ECONNRESET|EPIPE)$/) as string },
        });
    });
  },
);
