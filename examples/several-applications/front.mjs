// The same without a web server: one HTTP server in Node.js, with a gateway for each application.
//
//     npm install rxscgi rxjs
//     node front.mjs 8080
import { createServer } from 'node:http';
import { scgiGateway } from 'rxscgi/node';

// Each gateway limits the connections to its own application: when one of them is slow, the other is not.
const shop = scgiGateway('127.0.0.1:4001', { mount: '/shop', maxConnections: 100 });
const blog = scgiGateway('127.0.0.1:4002', { maxConnections: 100 });

for (const gateway of [shop, blog])
  gateway.events.subscribe((event) => {
    if (event.type === 'failure') console.error(event.error);
  });

const server = createServer((request, response) => {
  const gateway = /^\/shop(?:[/?]|$)/.test(request.url) ? shop : blog;
  gateway(request, response);
});

server.listen(Number(process.argv[2] ?? 8080), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/`);
});
