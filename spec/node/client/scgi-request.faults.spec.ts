/** Applications that misbehave, and the code that each of them yields. */
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { VirtualTimeScheduler } from 'rxjs';
import type { ScgiCallInit } from '../../../lib/node/index.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { answering, call, raw } from '../../helpers/sockets/outgoing/call-application.js';
import { TRANSPORTS, cleanUpSockets } from '../../helpers/sockets/sockets.js';

expectNoProcessFaults();
cleanUpSockets();

interface Fault {
  /** What the application does, once the request has begun to arrive. */
  readonly act: (socket: Socket) => unknown;
  readonly code: string;
  readonly status?: number;
  /** The code of the cause, which only TCP has. */
  readonly cause?: string;
  readonly init?: ScgiCallInit;
}

const send =
  (text: string) =>
  (socket: Socket): unknown =>
    socket.end(text);
const stall =
  (text: string) =>
  (socket: Socket): unknown =>
    socket.write(text);
/** Sends a part, and resets the connection behind it. */
const reset =
  (text: string) =>
  (socket: Socket): unknown =>
    text === '' ? socket.resetAndDestroy() : socket.write(text, () => socket.resetAndDestroy());
/** Sends a part, and then the same again and again. */
const flood =
  (text: string, again: string) =>
  (socket: Socket): void => {
    const more = (): void => {
      while (socket.writable && socket.write(again));
    };
    socket.on('drain', more);
    socket.write(text);
    more();
  };

const LINE = `X-A: ${'y'.repeat(10_000)}\n`;
const CHUNK = 'y'.repeat(10_000);

const FAULTS: Record<string, Fault> = {
  'ends without a byte': { act: send(''), code: 'ERR_SCGI_EMPTY_RESPONSE' },
  'ends inside the head': { act: send('Status: 200 OK\r\n'), code: 'ERR_SCGI_RESPONSE_TRUNCATED' },
  'ends inside a line': { act: send('Stat'), code: 'ERR_SCGI_RESPONSE_TRUNCATED' },
  'ends inside the body': { act: send('Content-Length: 9\n\nab'), code: 'ERR_SCGI_RESPONSE_TRUNCATED' },
  'sends what is no head': { act: send('what\n\n'), code: 'ERR_SCGI_RESPONSE_HEAD' },
  'sends an empty head': { act: send('\n\nab'), code: 'ERR_SCGI_RESPONSE_HEAD' },
  'sends a head without end': { act: flood('', LINE), code: 'ERR_SCGI_RESPONSE_HEAD_TOO_LARGE' },
  'sends a line without end': { act: flood('X-A: ', CHUNK), code: 'ERR_SCGI_RESPONSE_HEAD_TOO_LARGE' },
  'sends a body without end': {
    act: flood('X-A: b\n\n', CHUNK),
    code: 'ERR_SCGI_BODY_TOO_LARGE',
    status: 413,
    init: { maxQueuedBytes: 100_000 },
  },
  'is silent before the head': {
    act: () => undefined,
    code: 'ERR_SCGI_RESPONSE_HEAD_TIMEOUT',
    status: 504,
    init: { headersTimeoutMs: 30 },
  },
  'is silent inside the head': {
    act: stall('Status: 200 OK\r\n'),
    code: 'ERR_SCGI_RESPONSE_HEAD_TIMEOUT',
    status: 504,
    init: { headersTimeoutMs: 30 },
  },
  'is silent inside the body': {
    act: stall('Status: 200 OK\r\n\r\nab'),
    code: 'ERR_SCGI_RESPONSE_BODY_TIMEOUT',
    status: 504,
    init: { bodyTimeoutMs: 30 },
  },
  'does not read the request': {
    act: (socket) => socket.pause(),
    code: 'ERR_SCGI_RESPONSE_HEAD_TIMEOUT',
    status: 504,
    init: { headersTimeoutMs: 50, body: new Uint8Array(30_000_000) },
  },
};

/** Only TCP has resets. */
const RESETS: Record<string, Fault> = {
  'resets without a byte': { act: reset(''), code: 'ERR_SCGI_EMPTY_RESPONSE', cause: 'ECONNRESET' },
  'resets inside the head': {
    act: reset('Status: 200 OK\r\n'),
    code: 'ERR_SCGI_RESPONSE_TRUNCATED',
    cause: 'ECONNRESET',
  },
  'resets inside a body of known length': {
    act: reset('Content-Length: 3\r\n\r\nok'),
    code: 'ERR_SCGI_RESPONSE_TRUNCATED',
    cause: 'ECONNRESET',
  },
  'resets inside a body that ends with the connection': {
    act: reset('X-Open: end\r\n\r\nok'),
    code: 'ERR_SCGI_RESPONSE_TRUNCATED',
    cause: 'ECONNRESET',
  },
};

describe.each(TRANSPORTS)('scgiRequest over %s, of an application that', (transport) => {
  const faults = transport === 'TCP' ? { ...FAULTS, ...RESETS } : FAULTS;

  it.each(Object.entries(faults))('%s', async (_what, { act, code, status = 502, cause, init }) => {
    // The only timeout that is not infinite expires as soon as it counts.
    const scheduler = new VirtualTimeScheduler();
    const times = { connectTimeoutMs: Infinity, headersTimeoutMs: Infinity, bodyTimeoutMs: Infinity };
    const target = await raw(answering(act), transport);
    const failed = call(target, { body: 'x', ...times, scheduler, ...init });
    let over = false;
    // A call that succeeds where it must not ends the loop, too.
    const end = (): unknown => (over = true);
    void failed.then(end, end);
    while (!over) {
      await setImmediate();
      scheduler.flush();
    }
    await expect(failed).rejects.toMatchObject({ code, status, ...(cause && { cause: { code: cause } }) });
  });
});
