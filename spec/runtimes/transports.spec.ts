/**
 * What the transports of lib/node and lib/bun must do alike, over the built package, each on its own runtime: one table of cases. A
 * difference that is meant is in docs/reference/bun.md.
 */
import { once } from 'node:events';
import { existsSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requestBytes, responseOf, textOf } from '../../lib/testing/index.js';
import { requireBuild } from '../helpers/command/build.js';
import { describeWith } from '../helpers/describe-with.js';
import { call, openCall } from '../helpers/peers/clients/http-client.js';
import { patternDigest } from '../helpers/peers/clients/pattern.js';
import { createSharedFolder } from '../helpers/peers/web-servers/peer.js';
import { nginx } from '../helpers/peers/web-servers/nginx.js';
import { accepts, burst, connectTo, exchange, headFor, outcomeOf, waitingOf } from './transports/gateway.js';
import { TransportServer, downloadDigest, downloadOf, type Tally } from './transports/server.js';

const BUN = join(__dirname, 'node_modules/.bin/bun');
const MIB = 2 ** 20;
/** What the system holds of a connection over loopback, in both directions, and a chunk or two. */
const MAX_BUFFERED = 16 * MIB;
const MAX_GROWTH = 24 * MIB;
/** The chunks of a file are made as it is read: what the runtimes have not collected yet comes to tens of MiB. */
const FILE_BYTES = 128 * MIB;
const MAX_FILE_GROWTH = 96 * MIB;
/** Only for the peers that it is to cut: any other may be held up for longer on a busy machine. */
const TIMEOUT_MS = 1000;

const OPTIONS = {
  socketMode: 0o666,
  maxWaiting: 0,
  maxConnections: 1100,
};
const TRANSPORTS = [
  ['lib/node', process.execPath, 'node', { own: 4096, inherited: 4096 }],
  ['lib/bun', BUN, 'bun', { own: 512, inherited: 511 }],
] as const;
const KINDS = [
  ['TCP', 0],
  ['Unix', 1],
] as const;

describe.each(TRANSPORTS)('%s', (name, runtime, entry, backlogs) => {
  if (!existsSync(runtime) && process.env.RXSCGI_PEERS !== 'required') {
    process.stderr.write(`skipped, since Bun is not installed (npm ci --prefix spec/runtimes): ${name}\n`);
    it.skip('is not installed', () => undefined);
    return;
  }
  let server: TransportServer;
  /** Cuts those that do not read. */
  let cutting: TransportServer;
  /** Answers 408 to those that do not finish their head. */
  let refusing: TransportServer;
  let folder: string;
  beforeAll(async () => {
    requireBuild();
    folder = await createSharedFolder();
    const file = `${folder}/file`;
    writeFileSync(file, '');
    // A hole: it takes no space, and no time to be read.
    truncateSync(file, FILE_BYTES);
    const start = (socket: string, options: object = {}): Promise<TransportServer> => {
      const listen = ['127.0.0.1:0', `unix:${folder}/${socket}`];
      return TransportServer.start(runtime, entry, { serve: { ...OPTIONS, ...options, listen }, file });
    };
    [server, cutting, refusing] = await Promise.all([
      start('app.sock'),
      start('cutting.sock', { sendTimeoutMs: TIMEOUT_MS }),
      start('refusing.sock', { headersTimeoutMs: TIMEOUT_MS }),
    ]);
  });
  afterAll(() => {
    for (const each of [server, cutting, refusing]) each.kill();
    rmSync(folder, { recursive: true });
  });

  /** Round trips, within which a server that does not brake would have read or sent what there is. */
  async function roundTrips(address: string): Promise<void> {
    for (let trip = 0; trip < 30; trip++) await exchange(address, { uri: '/hello' });
  }

  describe.each(KINDS)('%s', (kind, index) => {
    const address = (): string => server.addresses[index]!;

    it('should answer, with each character of the head as one byte', async () => {
      const { bytes, error } = await exchange(address(), { uri: '/latin1' });
      expect(error).toBeUndefined();
      expect(bytes.toString('latin1')).toContain('X-Name: \xe9\r\n');
      expect(bytes.toString('utf8')).toMatch(/\r\n\r\né$/);
    });

    it('should answer a gateway that half-closes, and read on after its own FIN', async () => {
      const socket = connectTo(address());
      socket.end(requestBytes({ uri: '/later' }));
      expect(textOf((await outcomeOf(socket)).response.body)).toBe('later');
      const uploading = connectTo(address());
      uploading.write(headFor('/early', 4 * MIB));
      const outcome = outcomeOf(uploading);
      const block = Buffer.alloc(MIB);
      // Behind the answer's FIN: what is not read would reset the connection.
      for (let sent = 0; sent < 4; sent++) await new Promise((resolve) => uploading.write(block, resolve));
      expect([(await outcome).response.status, (await outcome).error]).toEqual([401, undefined]);
    });

    it('should take what comes after a GET, except on a Unix socket, which is closed by then', async () => {
      const socket = connectTo(address());
      socket.write(requestBytes({ uri: '/hello' }));
      const outcome: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => outcome.push(chunk));
      await once(socket, 'end');
      expect(textOf(responseOf(Buffer.concat(outcome)).body)).toBe('hello');
      const error = await new Promise<NodeJS.ErrnoException | null | undefined>((resolve) => {
        socket.on('error', () => undefined);
        socket.write('surplus', resolve);
      });
      socket.destroy();
      expect(error?.code).toBe(kind === 'Unix' ? 'EPIPE' : undefined);
    });

    it('should brake the input, and lose none of it', async () => {
      await roundTrips(address());
      const socket = connectTo(address());
      const before = server.rss();
      server.resetPeakRss();
      const outcome = outcomeOf(socket);
      socket.write(headFor('/hold', 64 * MIB));
      const taken = new Promise((resolve) => socket.write(Buffer.alloc(64 * MIB), resolve));
      await roundTrips(address());
      expect(server.peakRss() - before).toBeLessThan(MAX_GROWTH);
      expect(socket.writableLength).toBeGreaterThan(0);
      await exchange(address(), { uri: '/release' });
      await taken;
      expect(textOf((await outcome).response.body)).toBe(`${64 * MIB}`);
    });

    it('should brake the output, and lose none of it', async () => {
      await roundTrips(address());
      const before = server.rss();
      const { pulled } = await server.tally();
      server.resetPeakRss();
      const bytes = 128 * MIB + 1;
      const socket = connectTo(address());
      socket.write(requestBytes({ uri: `/download?${bytes}` }));
      await roundTrips(address());
      expect((await server.tally()).pulled - pulled).toBeLessThan(MAX_BUFFERED);
      const { response, error } = await outcomeOf(socket);
      expect([response.body.length, error]).toEqual([bytes, undefined]);
      expect(downloadOf(bytes).equals(response.body)).toBe(true);
      expect(server.peakRss() - before).toBeLessThan(MAX_GROWTH);
    });

    it('should cut a response that fails, by a reset where there is one', async () => {
      const { response, error } = await exchange(address(), { uri: '/cut' });
      expect(textOf(response.body)).toBe('part');
      expect(error).toBe(kind === 'TCP' ? 'ECONNRESET' : undefined);
      // Either all of it arrives, or it does not look complete: on a Unix socket, nothing tells that.
      const lost = await exchange(address(), { uri: '/transferred' });
      if (kind === 'TCP' && lost.error === undefined) expect(lost.response.body).toHaveLength(MIB);
    });

    it('should cancel what a gateway that leaves will not read', async () => {
      const streaming = connectTo(address());
      streaming.write(requestBytes({ uri: '/endless' }));
      await once(streaming, 'data');
      const { aborted, left: before } = await server.tally();
      const gone = (count: number) => server.tallyWhen(({ left }) => left === before + count);
      streaming.destroy();
      expect((await gone(1)).aborted).toBe(aborted + 1);
      const waiting = connectTo(address());
      waiting.write(requestBytes({ uri: '/never', variables: { SERVER_SOFTWARE: 'nginx/1.22.1' } }));
      await exchange(address(), { uri: '/hello' });
      waiting.destroy();
      await gone(2);
      // Its FIN waits behind input that is not read: only a Unix socket, or a reset, tells.
      const uploading = connectTo(address());
      uploading.write(headFor('/never', MIB));
      uploading.write(Buffer.alloc(MIB - 1));
      await exchange(address(), { uri: '/hello' });
      if (kind === 'TCP') uploading.resetAndDestroy();
      else uploading.destroy();
      await gone(3);
    });

    it('should cut a reader that has stopped', async () => {
      const timeouts = (tally: Tally) => tally.failures['ERR_SCGI_SEND_TIMEOUT'] ?? 0;
      const before = timeouts(await cutting.tally());
      const socket = connectTo(cutting.addresses[index]!);
      socket.write(requestBytes({ uri: `/download?${64 * MIB}` }));
      await cutting.tallyWhen((tally) => timeouts(tally) === before + 1);
      socket.destroy();
    });

    it('should answer 1,000 at once, and 408 to those that never finish their head', async () => {
      const answers = await Promise.all(
        Array.from({ length: 1000 }, async () =>
          textOf((await exchange(address(), { uri: '/later' })).response.body),
        ),
      );
      expect(answers.filter((text) => text === 'later')).toHaveLength(1000);
      const late = await Promise.all(
        Array.from({ length: 300 }, async () => {
          const socket = connectTo(refusing.addresses[index]!);
          socket.write('70:CONTENT_LENGTH');
          return (await outcomeOf(socket)).response.status;
        }),
      );
      expect(late).toEqual(Array(300).fill(408));
    });
  });

  describeWith(['nginx'], 'behind nginx', () => {
    it.each(KINDS)('should pass 50 MB both ways, and notice clients that leave: %s', async (_kind, index) => {
      const bytes = 50_000_000;
      const gateway = await nginx.start({ target: server.addresses[index]! });
      try {
        const { text } = await call(`${gateway.url}/digest`, { upload: bytes });
        expect(text).toBe(patternDigest(bytes));
        const { complete, digest } = await call(`${gateway.url}/download?${bytes}`);
        expect([complete, digest]).toEqual([true, downloadDigest(bytes)]);
        const { left: before } = await server.tally();
        const leaving = openCall(`${gateway.url}/never`);
        leaving.response.catch(() => undefined);
        await call(`${gateway.url}/hello`);
        leaving.abandon();
        await server.tallyWhen(({ left }) => left === before + 1);
        const { aborted } = await server.tally();
        expect((await call(`${gateway.url}/sized?100000`)).complete).toBe(true);
        expect((await server.tallyWhen(({ left }) => left === before + 2)).aborted).toBe(aborted);
      } finally {
        await gateway.stop();
      }
    });
  });

  describeWith(['python3'], 'started with a listening socket', () => {
    it('should answer on it', async () => {
      const path = `${folder}/inherited.sock`;
      const options = { serve: { listen: ['systemd:app'] } };
      const activated = await TransportServer.start(runtime, entry, options, path);
      try {
        expect(activated.addresses).toEqual(['fd:3']);
        const { response } = await exchange(`unix:${path}`, { uri: '/hello' });
        expect(textOf(response.body)).toBe('hello');
        expect(await activated.suspended(() => burst(`unix:${path}`))).toBe(waitingOf(backlogs.inherited));
      } finally {
        activated.kill();
      }
    });
  });

  it('should let connections of a burst wait, until it is full', async () => {
    const [tcp, unix] = server.addresses as [string, string];
    expect(await server.suspended(() => burst(unix))).toBe(waitingOf(backlogs.own));
    // Once the server has answered here, it has taken what waited there: the next connection finds room.
    await exchange(tcp, { uri: '/hello' });
  });

  it.each(['createReadStream', 'stream', 'Response'])(
    'should send a file as it is read: %s',
    async (kind) => {
      const [, unix] = server.addresses as [string, string];
      await roundTrips(unix);
      const before = server.rss();
      server.resetPeakRss();
      const socket = connectTo(unix);
      socket.write(requestBytes({ uri: `/file?${kind}` }));
      await roundTrips(unix);
      expect(server.peakRss() - before).toBeLessThan(MAX_GROWTH);
      let bytes = 0;
      socket.on('data', (chunk: Buffer) => (bytes += chunk.length));
      await once(socket, 'end');
      socket.destroy();
      expect(bytes - FILE_BYTES).toBeGreaterThan(0);
      expect(bytes - FILE_BYTES).toBeLessThan(200);
      expect(server.peakRss() - before).toBeLessThan(MAX_FILE_GROWTH);
    },
  );

  it('should end nothing when a subscriber of the diagnostics channel throws', async () => {
    const { response } = await exchange(server.addresses[0]!, { uri: '/hello?throw' });
    expect(textOf(response.body)).toBe('hello');
  });

  // The last one: it ends the server.
  it('should finish what is under way when it drains, and accept no more', async () => {
    const [tcp] = server.addresses as [string];
    const underWay = server.addresses.map((address) => exchange(address, { uri: '/later' }));
    // Each of these is accepted behind one that is under way.
    for (const address of server.addresses) await exchange(address, { uri: '/hello' });
    server.drain();
    while (await accepts(tcp)) continue;
    const answers = (await Promise.all(underWay)).map(({ response }) => textOf(response.body));
    expect(answers).toEqual(['later', 'later']);
    const { tally, code } = await server.ended();
    expect([tally.last, code]).toEqual(['closed', 0]);
  });
});
