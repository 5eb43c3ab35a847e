/** `node:http` with its defaults. `node http.mjs ADDRESS [hello | upload | download BYTES | slow-upload MS]` */
import { createServer } from 'node:http';
import { chunksOf } from './chunks.mjs';
import { listenOn } from './listen-on.mjs';

const [, , address, mode = 'hello', amount] = process.argv;

const APPLICATIONS = {
  hello(request, response) {
    response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 13 });
    response.end('Hello, world\n');
  },
  upload(request, response) {
    let received = 0;
    request.on('data', (chunk) => (received += chunk.length));
    request.on('end', () => answer(response, received));
  },
  'slow-upload'(request, response) {
    let received = 0;
    request.on('data', (chunk) => {
      received += chunk.length;
      request.pause();
      setTimeout(() => request.resume(), Number(amount));
    });
    request.on('end', () => answer(response, received));
  },
  download(request, response) {
    response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': amount });
    const chunks = chunksOf(Number(amount));
    const write = () => {
      for (let next = chunks.next(); !next.done; next = chunks.next())
        if (!response.write(next.value)) return;
      response.end();
    };
    response.on('drain', write);
    write();
  },
};

function answer(response, number) {
  const body = String(number);
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': body.length });
  response.end(body);
}

listenOn(createServer(APPLICATIONS[mode]), address);
