/** Calls of applications, and applications to be called: by `serveScgi`, and by hand. */
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { firstValueFrom, mergeMap, type Observable } from 'rxjs';
import type { ScgiHandler, ScgiIncomingResponse } from '../../../../lib/index.js';
import { scgiRequest, type ScgiCallInit } from '../../../../lib/node/index.js';
import { afterwards, listening, temporaryFolder, type Transport } from '../sockets.js';
import { TestServer } from '../test-server.js';

export const textOf = (response: ScgiIncomingResponse): Observable<string> => response.text();
export const call = (target: string, init?: ScgiCallInit): Promise<string> =>
  firstValueFrom(scgiRequest(target, init).pipe(mergeMap(textOf)));

/** Serves a handler by `serveScgi`. */
export async function serve(handler: ScgiHandler, transport: Transport = 'TCP'): Promise<string> {
  const listen = transport === 'TCP' ? '127.0.0.1:0' : `unix:${join(temporaryFolder(), 'app.sock')}`;
  const server = new TestServer(handler, { listen });
  afterwards(() => server.until.next());
  return (await server.event('listening')).address;
}

/** Serves connections by hand. */
export async function raw(accept: (socket: Socket) => void, transport: Transport = 'TCP'): Promise<string> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    afterwards(() => socket.destroy());
    accept(socket);
  });
  return listening(server, transport);
}

/** Answers when the request has begun to arrive. */
export const answering = (answer: (socket: Socket) => void) => (socket: Socket) =>
  socket.once('data', () => answer(socket));
