/**
 * Less than anybody would put behind a web server: it takes the first chunk for the whole request, and checks nothing. Shows what
 * `net.Server` itself costs. `node minimal.mjs ADDRESS`
 */
import { createServer } from 'node:net';
import { listenOn } from '../listen-on.mjs';

const HELLO = 'Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n';

const server = createServer((socket) => {
  socket.on('data', (chunk) => {
    const variables = variablesOf(chunk.latin1Slice(chunk.indexOf(0x3a) + 1, chunk.length));
    if (variables.get('REQUEST_METHOD') === 'GET') socket.end(HELLO, 'latin1');
  });
  socket.on('error', () => socket.destroy());
});

/** A search for each separator takes four fifths of the time of `split`. */
function variablesOf(text) {
  const variables = new Map();
  let start = 0;
  for (let valueEnd; start < text.length; start = valueEnd + 1) {
    const nameEnd = text.indexOf('\0', start);
    valueEnd = text.indexOf('\0', nameEnd + 1);
    // What follows the last variable is the comma.
    if (nameEnd < 0 || valueEnd < 0) break;
    variables.set(text.slice(start, nameEnd), text.slice(nameEnd + 1, valueEnd));
  }
  return variables;
}

listenOn(server, process.argv[2]);
