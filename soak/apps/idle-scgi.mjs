/** The same with serveScgi and its default timeouts, plus a count of connections. */
import { serveScgi } from '../../dist/esm/node/index.js';
import { onAccept } from '../helpers/serve.mjs';

export function start(options) {
  let open = 0;
  onAccept((socket) => {
    open++;
    socket.once('close', () => open--);
  });
  return new Promise((resolve, reject) => {
    const serving = serveScgi(() => [{ body: 'hello' }], { listen: '127.0.0.1:0', ...options }).subscribe({
      next: (event) => {
        if (event.type !== 'listening') return;
        const commands = { tally: () => ({ open }) };
        resolve({ info: event.address, commands, stop: () => serving.unsubscribe() });
      },
      error: reject,
    });
  });
}
