// Traces requests by the API of OpenTelemetry: a span for each, from its head to the end of its response.
//
//     npm install rxscgi rxjs @opentelemetry/api
//     npx rxscgi serve tracing.mjs --listen 127.0.0.1:4000
//
// The API does nothing until the program sets up an SDK: NODE_OPTIONS='--import ./telemetry.mjs'.
import { SpanKind, SpanStatusCode, context, propagation, trace } from '@opentelemetry/api';
import { NEVER, Observable, concat, defer, finalize, map, mergeMap, of, tap, timer } from 'rxjs';
import { HttpError, errorAnswer, json } from 'rxscgi';

const tracer = trace.getTracer('rxscgi-example');

/** A client can send any method: all others are one value, as the conventions of OpenTelemetry have it. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Reads the fields `traceparent` and `tracestate` of a request. */
const GETTER = {
  get: (headers, key) => headers.get(key) ?? undefined,
  keys: (headers) => [...headers.keys()],
};

/**
 * Makes a span of each request, which is the parent of the spans that the handler makes.
 *
 * @param {import('rxscgi').ScgiHandler} handler
 * @returns {import('rxscgi').ScgiHandler}
 */
export function traced(handler) {
  return (request) =>
    defer(() => {
      const method = METHODS.has(request.method) ? request.method : '_OTHER';
      const attributes = {
        'http.request.method': method,
        'url.path': request.path,
        'url.scheme': request.url.protocol.slice(0, -1),
        'client.address': request.remoteAddress,
      };
      const parent = propagation.extract(context.active(), request.headers, GETTER);
      const span = tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, parent);
      const answered = (status = 200) => {
        const code = Number.parseInt(status, 10);
        span.setAttribute('http.response.status_code', code);
        if (code >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      };
      const fail = (error) => {
        span.recordException(error);
        answered(errorAnswer(error).status);
      };
      return within(trace.setSpan(parent, span), () => handler(request)).pipe(
        tap({ next: (response) => answered(response.status), error: fail }),
        // Goes on after the response, until it is unsubscribed: when the last byte is out, or the client has left.
        mergeMap((response) => concat(of(response), NEVER)),
        finalize(() => span.end()),
      );
    });
}

/** Calls a function, and subscribes to what it returns, in a context. */
function within(active, call) {
  return new Observable((subscriber) => context.with(active, () => defer(call).subscribe(subscriber)));
}

/** A step of the work, with a span of its own. */
function step(name, call) {
  return defer(() => {
    const span = tracer.startSpan(name);
    return within(trace.setSpan(context.active(), span), call).pipe(finalize(() => span.end()));
  });
}

export default traced((request) => {
  if (request.path !== '/report') throw new HttpError(404);
  return step('load the report', () => timer(5)).pipe(map(() => json({ report: 'All is well.' })));
});
