/** Events as a server sends them to the live view: exchanges of each kind, with chosen times. */
import type { InspectEvent } from '../../../lib/server/inspect/inspect-event.js';

type Without<T> = T extends unknown ? Omit<T, 'connection' | 'at'> : never;
type Step = readonly [at: number, event: Without<InspectEvent>];

const KIB64 = 65_536;

/** Adds the connection and the time at which it began. */
export function eventsOf(connection: number, start: number, steps: readonly Step[]): InspectEvent[] {
  return steps.map(([at, event]) => ({ ...event, connection, at: start + at }));
}

/** The variables of a request, as nginx sends them. */
export function variablesOf(
  method: string,
  path: string,
  length = 0,
  more: [string, string][] = [],
): [string, string][] {
  return [
    ['CONTENT_LENGTH', String(length)],
    ['SCGI', '1'],
    ['REQUEST_METHOD', method],
    ['REQUEST_URI', path],
    ['QUERY_STRING', path.split('?')[1] ?? ''],
    ['SERVER_PROTOCOL', 'HTTP/1.1'],
    ['REMOTE_ADDR', '127.0.0.1'],
    ['HTTP_HOST', 'localhost:8080'],
    ...more,
  ];
}

function headBytes(variables: readonly (readonly [string, string])[]): number {
  const block = variables.reduce((sum, [name, value]) => sum + name.length + value.length + 2, 0);
  return String(block).length + block + 2;
}

/** `GET`, answered at once. */
export function quick(
  connection: number,
  start: number,
  path: string,
  status = 200,
  text = 'Hello',
): InspectEvent[] {
  const variables = variablesOf('GET', path);
  return eventsOf(connection, start, [
    [0, { type: 'open' }],
    [0.2, { type: 'bytes-in', bytes: headBytes(variables) }],
    [0.3, { type: 'request', variables, contentLength: 0 }],
    [0.3, { type: 'handler', state: 'called' }],
    [1.4, { type: 'handler', state: 'emitted' }],
    [1.4, { type: 'handler', state: 'completed' }],
    [
      1.5,
      {
        type: 'response',
        status,
        by: 'handler',
        headers: [
          ['Content-Type', 'text/plain; charset=utf-8'],
          ['Content-Length', String(text.length)],
        ],
      },
    ],
    [1.5, { type: 'chunk', bytes: text.length, text }],
    [1.6, { type: 'bytes-out', bytes: 80 + text.length }],
    [1.7, { type: 'end', how: 'fin' }],
    [2.4, { type: 'close' }],
  ]);
}

/** An upload of 64 KiB chunks that pullMap takes one every `paceMs`. */
export function brakedUpload(connection: number, start: number, chunks = 12, paceMs = 180): InspectEvent[] {
  const length = chunks * KIB64;
  const variables = variablesOf('POST', '/upload', length, [['CONTENT_TYPE', 'application/octet-stream']]);
  const steps: Step[] = [
    [0, { type: 'open' }],
    [0.4, { type: 'bytes-in', bytes: headBytes(variables) }],
    [0.5, { type: 'request', variables, contentLength: length }],
    [0.5, { type: 'handler', state: 'called' }],
    [0.6, { type: 'body-state', state: 'subscribed', by: 'pullMap' }],
  ];
  for (let i = 0; i < chunks; i++) {
    const at = 1 + i * paceMs;
    steps.push([at, { type: 'bytes-in', bytes: KIB64 }]);
    steps.push([at + 0.1, { type: 'body', bytes: KIB64, ...(i === 0 ? { text: 'x'.repeat(4096) } : {}) }]);
    steps.push([at + 0.2, { type: 'input-paused', paused: true, causes: ['pullMap'] }]);
    steps.push([at + paceMs - 0.2, { type: 'input-paused', paused: false, causes: [] }]);
  }
  const over = 1 + chunks * paceMs;
  const text = `${length} bytes\n`;
  return eventsOf(connection, start, [
    ...steps,
    [over, { type: 'body-end' }],
    [over + 0.4, { type: 'handler', state: 'emitted' }],
    [over + 0.4, { type: 'handler', state: 'completed' }],
    [
      over + 0.5,
      { type: 'response', status: 200, by: 'handler', headers: [['Content-Length', String(text.length)]] },
    ],
    [over + 0.5, { type: 'chunk', bytes: text.length, text }],
    [over + 0.6, { type: 'bytes-out', bytes: 60 + text.length }],
    [over + 0.8, { type: 'end', how: 'fin' }],
    [over + 1.5, { type: 'close' }],
  ]);
}

/** Server-sent events, one every `everyMs`; the client leaves after them, or not at all. */
export function eventStream(
  connection: number,
  start: number,
  count: number,
  everyMs = 400,
  leaves = true,
): InspectEvent[] {
  const variables = variablesOf('GET', '/events', 0, [['HTTP_ACCEPT', 'text/event-stream']]);
  const steps: Step[] = [
    [0, { type: 'open' }],
    [0.3, { type: 'bytes-in', bytes: headBytes(variables) }],
    [0.4, { type: 'request', variables, contentLength: 0 }],
    [0.4, { type: 'handler', state: 'called' }],
    [0.5, { type: 'handler', state: 'emitted' }],
    [0.6, { type: 'response', status: 200, by: 'handler', headers: [['Content-Type', 'text/event-stream']] }],
    [0.6, { type: 'bytes-out', bytes: 62 }],
    [0.7, { type: 'handler', state: 'completed' }],
  ];
  for (let i = 0; i < count; i++) {
    const text = `data: ${i}\n\n`;
    steps.push([everyMs * (i + 1), { type: 'chunk', bytes: text.length, text }]);
    steps.push([everyMs * (i + 1) + 0.1, { type: 'bytes-out', bytes: text.length }]);
  }
  const left = everyMs * (count + 0.6);
  if (leaves) {
    steps.push([left, { type: 'bytes-in-end' }]);
    steps.push([
      left + 0.1,
      { type: 'error', where: 'connection', code: 'ERR_SCGI_GATEWAY_GONE', message: 'the gateway has gone' },
    ]);
    steps.push([left + 0.3, { type: 'end', how: 'closed' }]);
    steps.push([left + 0.4, { type: 'close' }]);
  }
  return eventsOf(connection, start, steps);
}

/** HTTP on the SCGI port. */
export function malformed(connection: number, start: number): InspectEvent[] {
  const received = 'GET / HTTP/1.1\r\nHost: localhost:4000\r\n\r\n';
  return eventsOf(connection, start, [
    [0, { type: 'open' }],
    [0.4, { type: 'bytes-in', bytes: received.length }],
    [
      0.5,
      {
        type: 'error',
        where: 'request',
        code: 'ERR_SCGI_NETSTRING_LENGTH',
        offset: 0,
        message: 'the length of the headers must be digits; this is an HTTP request',
        received,
      },
    ],
    [0.6, { type: 'response', status: 400, by: 'error', headers: [['Content-Type', 'text/plain']] }],
    [0.6, { type: 'chunk', bytes: 11, text: 'Bad Request' }],
    [0.7, { type: 'bytes-out', bytes: 90 }],
    [0.8, { type: 'end', how: 'fin' }],
    [1.5, { type: 'close' }],
  ]);
}

/** A handler that fails after some time. */
export function failing(connection: number, start: number, afterMs = 320): InspectEvent[] {
  const variables = variablesOf('GET', '/report?year=2026');
  return eventsOf(connection, start, [
    [0, { type: 'open' }],
    [0.2, { type: 'bytes-in', bytes: headBytes(variables) }],
    [0.3, { type: 'request', variables, contentLength: 0 }],
    [0.3, { type: 'handler', state: 'called' }],
    [afterMs, { type: 'handler', state: 'failed' }],
    [
      afterMs,
      {
        type: 'error',
        where: 'handler',
        code: 'TypeError',
        message: "Cannot read properties of undefined (reading 'rows')",
      },
    ],
    [
      afterMs + 0.2,
      { type: 'response', status: 500, by: 'error', headers: [['Content-Type', 'text/plain']] },
    ],
    [afterMs + 0.2, { type: 'chunk', bytes: 21, text: 'Internal Server Error' }],
    [afterMs + 0.3, { type: 'bytes-out', bytes: 110 }],
    [afterMs + 0.4, { type: 'end', how: 'fin' }],
    [afterMs + 1, { type: 'close' }],
  ]);
}

/** A download whose client reads slowly. */
export function slowDownload(connection: number, start: number, chunks = 8, paceMs = 240): InspectEvent[] {
  const variables = variablesOf('GET', '/export.csv');
  const steps: Step[] = [
    [0, { type: 'open' }],
    [0.2, { type: 'bytes-in', bytes: headBytes(variables) }],
    [0.3, { type: 'request', variables, contentLength: 0 }],
    [0.3, { type: 'handler', state: 'called' }],
    [0.4, { type: 'handler', state: 'emitted' }],
    [0.4, { type: 'handler', state: 'completed' }],
    [0.5, { type: 'response', status: 200, by: 'handler', headers: [['Content-Type', 'text/csv']] }],
  ];
  for (let i = 0; i < chunks; i++) {
    const at = 1 + i * paceMs;
    steps.push([at, { type: 'chunk', bytes: 16_384, text: i === 0 ? 'a,b,c\n'.repeat(682) : undefined }]);
    steps.push([at + 0.1, { type: 'bytes-out', bytes: 16_384 }]);
    steps.push([at + 0.3, { type: 'output-paused', paused: true, causes: ['transport'] }]);
    steps.push([at + paceMs * 0.8, { type: 'output-paused', paused: false, causes: [] }]);
  }
  const over = 1 + chunks * paceMs;
  return eventsOf(connection, start, [
    ...steps,
    [over, { type: 'end', how: 'fin' }],
    [over + 1, { type: 'close' }],
  ]);
}
