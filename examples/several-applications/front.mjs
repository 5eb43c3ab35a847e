// The same without a web server: one HTTP server in Node.js with a gateway for each application.
//
//     npm install rxscgi rxjs
//     node front.mjs 8080
import { createServer } from 'node:http';
import { scgiGateway } from 'rxscgi/node';

// Several processes may listen on one machine: each gateway limits the connections to its own application.
const APPLICATIONS = [
  { mount: '/shop', gateway: scgiGateway('127.0.0.1:4001', { mount: '/shop', maxConnections: 100 }) },
  { mount: '', gateway: scgiGateway('127.0.0.1:4002', { maxConnections: 100 }) },
];

for (const { gateway } of APPLICATIONS)
  gateway.events.subscribe((event) => {
    if (event.type === 'failure') console.error(event.error);
  });

const server = createServer((request, response) => {
  const path = request.url.replace(/\?.*/s, '');
  const { gateway } = APPLICATIONS.find(({ mount }) => path === mount || path.startsWith(`${mount}/`));
  gateway(request, response);
});

server.listen(Number(process.argv[2] ?? 8080), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/`);
});
