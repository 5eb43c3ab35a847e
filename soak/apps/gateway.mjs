/** HTTP in front of an SCGI application, by `scgiGateway`. What the process holds can be asked for. */
import { createServer } from 'node:http';
import { Socket } from 'node:net';
import * as v8 from 'node:v8';
import { Subscription } from 'rxjs';
import { scgiGateway } from '../../dist/esm/node/index.js';

export function start({ target, ...options }) {
  const server = createServer(scgiGateway(target, options));
  const holdings = () => ({ sockets: v8.queryObjects(Socket), subscriptions: v8.queryObjects(Subscription) });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({
        info: `http://127.0.0.1:${server.address().port}`,
        commands: { holdings },
        stop: () => server.close(),
      });
    });
  });
}
