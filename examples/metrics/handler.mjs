// The same metrics for `rxscgi serve`, whose events come from a channel of node:diagnostics_channel.
//
//     rxscgi serve examples/metrics/handler.mjs --listen 127.0.0.1:4000
//
// With --workers, each process counts for itself, and a scrape reaches one of them. The label `worker` says which.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { of } from 'rxjs';
import { createMetrics } from './metrics.mjs';

const metrics = createMetrics();
metrics.registry.setDefaultLabels({ worker: String(process.pid) });

export function start() {
  subscribe('rxscgi:request', metrics.record);
}

export function stop() {
  unsubscribe('rxscgi:request', metrics.record);
}

export default (request) =>
  request.path === '/metrics' ? metrics.respond() : of({ body: `Hello, ${request.path}\n` });
