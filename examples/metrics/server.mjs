// A server whose handler also answers Prometheus, at /metrics.
//
//     node examples/metrics/server.mjs 127.0.0.1:4000
//
// Restrict /metrics in the web server:
//
//     location = /metrics { allow 10.0.0.0/8; deny all; include /etc/nginx/scgi_params; scgi_pass 127.0.0.1:4000; }
import { fromEvent, of } from 'rxjs';
import { serveScgi } from 'rxscgi/node';
import { createMetrics } from './metrics.mjs';

const listen = process.argv[2] ?? '127.0.0.1:4000';
const metrics = createMetrics();

const handler = (request) =>
  request.path === '/metrics' ? metrics.respond() : of({ body: `Hello, ${request.path}\n` });

serveScgi(handler, { listen, until: fromEvent(process, 'SIGTERM') }).subscribe((event) => {
  if (event.type === 'listening') console.log(event.address);
  metrics.record(event);
});
