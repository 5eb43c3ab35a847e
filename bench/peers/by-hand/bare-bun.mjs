/**
 * The floor on Bun: SCGI on `Bun.listen`, by hand; see bare.mjs. `bun bare-bun.mjs ADDRESS [hello | upload | download BYTES]`
 */
import { rmSync } from 'node:fs';
import { BareParser } from './bare-parser.mjs';
import { chunksOf } from '../chunks.mjs';

const HELLO = 'Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n';

const [, , address, mode = 'hello', amount] = process.argv;

class Hello {
  parser = new BareParser();

  data(socket, chunk) {
    if (this.parser.variables || this.parser.push(chunk) < 0) return;
    // Nothing follows a GET: closing at once loses no output of a Unix socket.
    if (path) {
      socket.write(HELLO);
      socket.close();
    } else {
      finish(socket, HELLO);
    }
  }

  drain() {}
}

/** Counts the body. */
class Upload {
  parser = new BareParser();
  expected = 0;
  received = 0;

  data(socket, chunk) {
    const { parser } = this;
    if (parser.variables) {
      this.received += chunk.length;
    } else {
      const start = parser.push(chunk);
      if (start < 0) return;
      // An unbuffered nginx before 1.29.6 counts in CONTENT_LENGTH what it has read so far.
      this.expected = Math.max(
        parser.contentLength,
        Number(parser.variables.get('HTTP_CONTENT_LENGTH') ?? 0),
      );
      this.received = chunk.length - start;
    }
    if (this.received === this.expected) finish(socket, textOf(this.received));
  }

  drain() {}
}

/** Writes with backpressure. */
class Download {
  parser = new BareParser();
  chunks = chunksOf(Number(amount));
  rest = undefined;

  data(socket, chunk) {
    if (this.parser.variables || this.parser.push(chunk) < 0) return;
    socket.write(
      `Status: 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: ${amount}\r\n\r\n`,
    );
    this.drain(socket);
  }

  drain(socket) {
    if (!this.parser.variables) return;
    for (let chunk = this.rest ?? this.chunks.next().value; chunk; chunk = this.chunks.next().value) {
      const taken = Math.max(0, socket.write(chunk));
      this.rest = taken < chunk.length ? chunk.subarray(taken) : undefined;
      if (this.rest) return;
    }
    socket.shutdown();
  }
}

function textOf(number) {
  const body = String(number);
  return `Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

function finish(socket, text) {
  socket.write(text);
  socket.shutdown();
}

const Application = { hello: Hello, upload: Upload, download: Download }[mode];
const [host, port] = address.split(':');
const path = address.startsWith('unix:') ? address.slice('unix:'.length) : undefined;
if (path) rmSync(path, { force: true });
const listener = globalThis.Bun.listen({
  ...(path ? { unix: path } : { hostname: host, port: Number(port) }),
  allowHalfOpen: true,
  socket: {
    open: (socket) => (socket.data = new Application()),
    data: (socket, chunk) => socket.data.data(socket, chunk),
    drain: (socket) => socket.data.drain(socket),
    close: () => undefined,
    end: () => undefined,
    error: (socket) => socket.terminate(),
  },
});
console.log(`listening ${path ? address : `${host}:${listener.port}`}`);
