/**
 * Less than anybody would put behind a web server: it takes the first chunk for the whole request, and checks nothing. Shows what
 * `net.Server` itself costs. `node minimal.mjs ADDRESS`
 */
import { createServer } from 'node:net';
import { listenOn } from './listen-on.mjs';

const HELLO = 'Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n';

const server = createServer((socket) => {
  socket.on('data', (chunk) => {
    const parts = chunk.latin1Slice(chunk.indexOf(0x3a) + 1, chunk.length).split('\0');
    const variables = new Map();
    for (let i = 0; i + 1 < parts.length; i += 2) variables.set(parts[i], parts[i + 1]);
    if (variables.get('REQUEST_METHOD') === 'GET') socket.end(HELLO, 'latin1');
  });
  socket.on('error', () => socket.destroy());
});
listenOn(server, process.argv[2]);
