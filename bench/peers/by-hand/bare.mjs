/**
 * The floor: SCGI on a `net.Server`, by hand. `node bare.mjs ADDRESS [hello | upload | download BYTES | slow-upload MS]`
 *
 * It reads requests that are cut anywhere, finds the variables, checks them, and survives what gateways do. It has no limits on
 * connections, no timeouts and no log, and does not drain its input.
 */
import { createServer } from 'node:net';
import { BareParser } from './bare-parser.mjs';
import { chunksOf } from '../chunks.mjs';
import { listenOn } from '../listen-on.mjs';

const HELLO = 'Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n';

const [, , address, mode = 'hello', amount] = process.argv;

const APPLICATIONS = { hello, upload, download, 'slow-upload': slowUpload };

function hello(socket) {
  const parser = new BareParser();
  return (chunk) => {
    if (!parser.variables && parser.push(chunk) >= 0) socket.end(HELLO, 'latin1');
  };
}

/** Counts the body. */
function upload(socket) {
  const parser = new BareParser();
  let expected = 0;
  let received = 0;
  return (chunk) => {
    if (parser.variables) {
      received += chunk.length;
    } else {
      const start = parser.push(chunk);
      if (start < 0) return;
      // An unbuffered nginx before 1.29.6 counts in CONTENT_LENGTH what it has read so far.
      expected = Math.max(parser.contentLength, Number(parser.variables.get('HTTP_CONTENT_LENGTH') ?? 0));
      received = chunk.length - start;
    }
    if (received === expected) socket.end(textOf(received), 'latin1');
  };
}

/** Takes one chunk at a time, and waits after each. */
function slowUpload(socket) {
  const count = upload(socket);
  return (chunk) => {
    socket.pause();
    count(chunk);
    setTimeout(() => socket.resume(), Number(amount));
  };
}

/** Writes with backpressure. */
function download(socket) {
  const parser = new BareParser();
  return (chunk) => {
    if (parser.variables || parser.push(chunk) < 0) return;
    socket.write(
      `Status: 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: ${amount}\r\n\r\n`,
      'latin1',
    );
    const chunks = chunksOf(Number(amount));
    const write = () => {
      for (let next = chunks.next(); !next.done; next = chunks.next()) if (!socket.write(next.value)) return;
      socket.end();
    };
    socket.on('drain', write);
    write();
  };
}

function textOf(number) {
  const body = String(number);
  return `Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

const server = createServer((socket) => {
  const take = APPLICATIONS[mode](socket);
  socket.on('data', (chunk) => {
    try {
      take(chunk);
    } catch {
      socket.destroy();
    }
  });
  socket.on('error', () => socket.destroy());
});
listenOn(server, address);
