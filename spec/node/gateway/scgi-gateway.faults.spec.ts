/** Applications that truncate, reset, never end, or say nothing: no client of `scgiGateway` takes what came for a complete response. */
import { createServer as createHttpServer } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import type { Server } from 'node:net';
import { readProperty } from '../../../lib/core/errors/error-facts.js';
import { scgiGateway, type GatewayOptions, type ScgiGateway } from '../../../lib/node/index.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { openCall, readReply } from '../../helpers/peers/clients/http-client.js';
import { FakeApplication, type FakeConnection } from '../../helpers/sockets/outgoing/fake-application.js';
import { Log } from '../../helpers/sockets/log.js';
import { GET, begin, front } from '../../helpers/sockets/outgoing/scgi-front.js';
import { TestGateway, afterwards, cleanUpSockets, listening } from '../../helpers/sockets/sockets.js';

cleanUpSockets();
expectNoProcessFaults();

interface Fault {
  readonly what: string;
  readonly code: string;
  /** What the application sends. */
  readonly sends?: string;
  /** What it does then; if part of a body was sent, when the client has it. */
  readonly then?: (connection: FakeConnection) => void;
  readonly options?: GatewayOptions;
  /** The page of the gateway, where nothing of a response has come. */
  readonly status?: number;
}

const KNOWN = 'Content-Length: 10\n\nhalf';
const UNKNOWN = 'X: 1\n\nhalf';
const ends = (connection: FakeConnection): void => connection.respond('');
const resets = (connection: FakeConnection): void => connection.reset();
const headTimeout = { code: 'ERR_SCGI_RESPONSE_HEAD_TIMEOUT', options: { headersTimeoutMs: 100 } };
const bodyTimeout = { code: 'ERR_SCGI_RESPONSE_BODY_TIMEOUT', options: { bodyTimeoutMs: 100 } };
const truncated = { code: 'ERR_SCGI_RESPONSE_TRUNCATED' };
const empty = { code: 'ERR_SCGI_EMPTY_RESPONSE' };
const tooLarge = { code: 'ERR_SCGI_RESPONSE_HEAD_TOO_LARGE' };

const FAULTS: readonly Fault[] = [
  { what: 'closes at once', then: ends, status: 502, ...empty },
  { what: 'resets at once', then: resets, status: 502, ...empty },
  { what: 'ends in its head', sends: 'Status: 200\n', then: ends, status: 502, ...truncated },
  { what: 'never ends its head', sends: 'X: 1\n'.repeat(20_000), status: 502, ...tooLarge },
  { what: 'says nothing', status: 504, ...headTimeout },
  { what: 'falls silent in its head', sends: 'Status: 200\n', status: 504, ...headTimeout },
  { what: 'ends in a body of known length', sends: KNOWN, then: ends, ...truncated },
  { what: 'resets in a body of known length', sends: KNOWN, then: resets, ...truncated },
  { what: 'resets in a body of unknown length', sends: UNKNOWN, then: resets, ...truncated },
  { what: 'falls silent in a body of known length', sends: KNOWN, ...bodyTimeout },
  { what: 'falls silent in a body of unknown length', sends: UNKNOWN, ...bodyTimeout },
];

/** What a client made of a response: a status, and whether it holds it for complete. */
interface Seen {
  readonly status: number;
  readonly complete: boolean;
}

/** Asks, and tells when a part of the body has come. */
type Client = (host: string, begun: () => void) => Promise<Seen>;

const http1: Client = async (host, begun) => {
  const response = await openCall(`http://${host}/`).response;
  response.once('data', begun);
  return readReply(response);
};

/** Complete is what ends as HTTP/1.0 has it: by Content-Length, or by the end of the connection. */
const http10: Client = async (host, begun) => {
  const client = await TestGateway.connect(host);
  client.write('GET / HTTP/1.0\r\n\r\n');
  client.received((text) => text.endsWith('half')).then(begun, () => undefined);
  const ending = await client.ending();
  const [head = '', body = ''] = client.text.split(/\r\n\r\n(.*)/s);
  const length = /content-length: (\d+)/i.exec(head)?.[1];
  const complete = length === undefined ? ending === 'end' : body.length >= Number(length);
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0), complete };
};

const http2: Client = (host, begun) => {
  const session = connectHttp2(`http://${host}`);
  session.on('error', () => undefined);
  afterwards(() => session.destroy());
  const stream = session.request({ ':path': '/' });
  return new Promise((resolve) => {
    let status = 0;
    let ended = false;
    stream.on('response', (headers) => (status = Number(headers[':status'])));
    stream.once('data', begun);
    stream.on('end', () => (ended = true));
    stream.on('error', () => undefined);
    stream.on('close', () => resolve({ status, complete: ended && stream.rstCode === 0 }));
  });
};

type Serve = (gateway: ScgiGateway) => Server;
const CLIENTS: readonly [version: string, client: Client, serve: Serve][] = [
  ['HTTP/1.1', http1, createHttpServer],
  ['HTTP/1.0', http10, createHttpServer],
  ['HTTP/2', http2, (gateway) => createHttp2Server(gateway)],
];

describe.each(CLIENTS)('scgiGateway, to a client of %s', (_version, client, serve) => {
  it.each(FAULTS)('should not complete the response of an application that $what', async (fault) => {
    const { code, sends = '', then, options, status = 200 } = fault;
    const app = await FakeApplication.start();
    const gateway = scgiGateway(app.address, options);
    const codes: unknown[] = [];
    gateway.events.subscribe((event) => {
      if (event.type === 'failure') codes.push(readProperty(event.error, 'code'));
    });
    const host = await listening(serve(gateway));
    const accepted = app.accept();
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const seen = client(host, begin);
    const connection = await accepted;
    await connection.variables();
    connection.write(sends);
    if (status === 200) await begun;
    then?.(connection);
    // A page of the gateway's own is complete, and has nothing of the application's.
    expect(await seen).toMatchObject({ status, complete: status !== 200 });
    expect(codes).toEqual([code]);
    // The application is not left waiting.
    expect(await connection.ending()).toBeDefined();
  });
});

describe('scgiGateway before an application whose response never ends', () => {
  /** Sends as fast as it is taken. @returns when nothing is taken any more. */
  function flood({ socket }: FakeConnection): Promise<void> {
    const chunk = Buffer.alloc(65_536);
    return new Promise((resolve) => {
      const send = (): void => {
        while (socket.writable && socket.write(chunk));
        resolve();
      };
      socket.on('drain', send);
      send();
    });
  }

  it('should end it when the client leaves', async () => {
    const { client, connection, codes, log } = await begin();
    await connection.variables();
    connection.write('X: 1\n\n');
    await flood(connection);
    await client.received((text) => text.length > 1_000_000);
    client.socket.destroy();
    expect(await connection.ending()).toMatch(/ECONNRESET|EPIPE/);
    expect(await log.value(({ type }) => type === 'response')).toMatchObject({ status: 200, aborted: true });
    expect(codes).toEqual([]);
  });

  it('should cut it when the client takes nothing for sendTimeoutMs', async () => {
    const { client, connection, codes, log } = await begin(GET, { sendTimeoutMs: 100 });
    client.socket.pause();
    await connection.variables();
    connection.write('X: 1\n\n');
    await flood(connection);
    expect(await connection.ending()).toMatch(/ECONNRESET|EPIPE/);
    expect(codes).toEqual(['ERR_SCGI_SEND_TIMEOUT']);
    expect(await log.value(({ type }) => type === 'response')).toMatchObject({ status: 200, aborted: true });
  });

  it('should cut the end of a response that the client does not take', async () => {
    const app = await FakeApplication.start();
    const gateway = scgiGateway(app.address, { sendTimeoutMs: 100 });
    const log = new Log(gateway.events);
    const server = createHttpServer((request, response) => {
      // The system takes nothing, in place of buffers whose sizes nobody knows.
      const stuck = {
        end: { value: () => response },
        writableEnded: { value: true },
        writableLength: { value: 1 },
      };
      Object.defineProperties(response, stuck);
      gateway(request, response);
    });
    const accepted = app.accept();
    const client = await TestGateway.connect(await listening(server));
    client.write(GET);
    const connection = await accepted;
    await connection.variables();
    connection.respond('Content-Length: 4\n\nbody');
    const failure = await log.value(({ type }) => type === 'failure');
    expect(failure).toMatchObject({ error: { code: 'ERR_SCGI_SEND_TIMEOUT' } });
    await client.ending();
  });
});

describe('scgiGateway with a function in trustProxy', () => {
  it.each([403, 0, 200, 204, 302, 700, 401.5, NaN])(
    'should answer with the status of what trustProxy throws only where it is one of an error: %d',
    async (status) => {
      const thrown = Object.assign(new Error('secret'), { status });
      const trustProxy = (): boolean => {
        throw thrown;
      };
      const { host, log } = await front({ trustProxy });
      const client = await TestGateway.connect(host);
      client.write(GET);
      await client.received((text) => text.startsWith(`HTTP/1.1 ${status === 403 ? 403 : 502} `));
      expect(log.values[0]).toMatchObject({ type: 'failure', error: thrown });
    },
  );
});
