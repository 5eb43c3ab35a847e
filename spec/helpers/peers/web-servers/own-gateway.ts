/** The gateway of this package as one more web server, in this process. */
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import type { AddressInfo, Server, Socket } from 'node:net';
import { scgiGateway, type ScgiGateway } from '../../../../lib/node/index.js';
import { createSharedFolder, type Gateway, type Peer, type StartOptions } from './peer.js';

/** It streams both ways and has no configuration file: the lines of other web servers have no meaning for it. */
function ownPeer(name: string, serve: (gateway: ScgiGateway) => Server): Peer {
  const none = (): string => '';
  return {
    name,
    executable: 'node',
    responseDirectives: [],
    requestDirectives: [],
    site: none,
    configuration: none,
    args: () => [],
    start: (options) => start(serve, options),
  };
}

async function start(serve: (gateway: ScgiGateway) => Server, { target }: StartOptions): Promise<Gateway> {
  // As nginx does, it passes on what its clients say of theirs.
  const server = serve(scgiGateway(target, { trustProxy: ['127.0.0.1'] }));
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const folder = await createSharedFolder();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    folder,
    async stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await rm(folder, { recursive: true });
    },
  };
}

export const ownGateway = ownPeer('scgiGateway', createHttpServer);

export const ownGatewayOverHttp2 = ownPeer('scgiGateway', (gateway) => createHttp2Server(gateway));
