/**
 * A module for `rxscgi serve`. Every call of the handler writes the query of its request to the file in RXSCGI_SOAK_LOG, if that
 * is set. Every answer names the process that gave it.
 */
import { createHash } from 'node:crypto';
import { openSync, writeSync } from 'node:fs';
import { Observable, defer, delay, interval, map, of } from 'rxjs';
import { pattern } from '../helpers/pattern.mjs';

export const STREAM_BYTES = 1024 * 1024;

/** Long enough for some to be under way at any moment. */
const PID_MS = 20;
const STREAM_MS = 10;
const SLOW_MS = 500;
const ENDLESS_MS = 20;
const DECLARED_BYTES = 1_000_000_000;

const { RXSCGI_SOAK_LOG } = process.env;
const log = RXSCGI_SOAK_LOG === undefined ? undefined : openSync(RXSCGI_SOAK_LOG, 'a');

const HANDLERS = {
  quick: ({ query }) => of({ body: `quick ${query}` }).pipe(delay(2)),
  slow: ({ query }) => of({ body: `slow ${query}` }).pipe(delay(SLOW_MS)),
  pid: () => of({ body: `${process.pid}` }).pipe(delay(PID_MS)),
  stream: () => of({ body: stream() }),
  upload: (request) =>
    request.bytes().pipe(map((bytes) => ({ body: createHash('sha256').update(bytes).digest('hex') }))),
  endless: () => of({ body: interval(ENDLESS_MS).pipe(map((n) => `${n}\n`)) }),
  declared: () =>
    of({
      headers: { 'Content-Length': `${DECLARED_BYTES}` },
      body: interval(ENDLESS_MS).pipe(map((n) => `${n}\n`)),
    }),
};

function stream() {
  return new Observable((subscriber) => {
    const blocks = pattern(STREAM_BYTES);
    const timer = setInterval(() => {
      const { done, value } = blocks.next();
      if (done) subscriber.complete();
      else subscriber.next(value);
    }, STREAM_MS);
    return () => clearInterval(timer);
  });
}

export default function handler(request) {
  if (log !== undefined) writeSync(log, `${request.query}\n`);
  return defer(() => HANDLERS[request.path.slice(1)](request)).pipe(
    map((response) => ({ ...response, headers: { ...response.headers, 'X-Pid': `${process.pid}` } })),
  );
}
