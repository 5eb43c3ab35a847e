/** FastCGI with the npm package `node-fastcgi`, if it is installed. `node fastcgi.mjs ADDRESS` */
import { createRequire } from 'node:module';
import { listenOn } from './listen-on.mjs';

// `require` looks in NODE_PATH, too: the package is not a dependency of this project.
const { createServer } = createRequire(import.meta.url)('node-fastcgi');

const server = createServer((request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 13 });
  response.end('Hello, world\n');
});
listenOn(server, process.argv[2]);
