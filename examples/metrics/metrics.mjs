// Turns the events of a server into Prometheus metrics.
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** A client can send any method, and each would become a time series. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * Creates the metrics of one process.
 *
 * @returns `record`, to be called with each ServerEvent; `registry`, which has the metrics; and `respond`, which answers a scrape.
 */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const responses = new Counter({
    name: 'scgi_responses_total',
    help: 'Responses, by method and status.',
    labelNames: ['method', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'scgi_response_duration_seconds',
    help: 'From the connection to the end of the response.',
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60],
    registers,
  });
  const received = new Counter({
    name: 'scgi_received_bytes_total',
    help: 'Bytes of requests, including their headers.',
    registers,
  });
  const sent = new Counter({
    name: 'scgi_sent_bytes_total',
    help: 'Bytes of responses, including their heads.',
    registers,
  });
  const failures = new Counter({
    name: 'scgi_failures_total',
    help: 'Failed requests and connections, by code.',
    labelNames: ['code'],
    registers,
  });
  const underWay = new Set();
  new Gauge({
    name: 'scgi_requests_in_progress',
    help: 'Requests under way.',
    registers,
    collect() {
      this.set(underWay.size);
    },
  });

  function record(event) {
    switch (event.type) {
      case 'request':
        underWay.add(event.request);
        break;
      case 'response':
        underWay.delete(event.request);
        responses.inc({ method: methodOf(event.request), status: event.status });
        durations.observe(event.durationMs / 1000);
        received.inc(event.bytesIn);
        sent.inc(event.bytesOut);
        break;
      case 'failure':
        underWay.delete(event.request);
        failures.inc({ code: codeOf(event.error) });
        break;
    }
  }

  async function respond() {
    return { headers: { 'Content-Type': registry.contentType }, body: await registry.metrics() };
  }

  return { registry, record, respond };
}

function methodOf(request) {
  if (request === undefined) return 'none';
  return METHODS.has(request.method) ? request.method : 'other';
}

/** There are few codes, but any number of messages. */
function codeOf(error) {
  return error?.code ?? error?.name ?? 'thrown';
}
