/** An HTTP server of Node.js with timeouts, for comparison. */
import { createServer } from 'node:http';

export function start() {
  const server = createServer({ headersTimeout: 60_000, requestTimeout: 300_000 }, (_, response) => {
    response.end('hello');
  });
  let open = 0;
  server.on('connection', (socket) => {
    open++;
    socket.once('close', () => open--);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({
        info: `127.0.0.1:${server.address().port}`,
        commands: { tally: () => ({ open }) },
        stop: () => server.closeAllConnections(),
      });
    });
  });
}
