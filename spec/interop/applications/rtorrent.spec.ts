/** Calls of rTorrent: its XML-RPC, by each of the ways to call an application, and over HTTP through a gateway. */
import { firstValueFrom, forkJoin, mergeMap } from 'rxjs';
import { scgiClient, scgiFetch, scgiRequest, type ScgiCallInit } from '../../../lib/node/index.js';
import type { Application } from '../../helpers/applications/application.js';
import { makeTorrent, startRtorrent } from '../../helpers/applications/rtorrent.js';
import { methodCall, valuesOf } from '../../helpers/applications/xml-rpc.js';
import { runInProcess } from '../../helpers/command/in-process.js';
import { describeWith } from '../../helpers/describe-with.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { textOf } from '../../helpers/sockets/outgoing/call-application.js';
import { call } from '../../helpers/peers/clients/http-client.js';
import { ownGateway } from '../../helpers/peers/web-servers/own-gateway.js';
import { TRANSPORTS } from '../../helpers/sockets/sockets.js';

expectNoProcessFaults();

/** 1.9 MB as base64, below rTorrent's limit of 2 MiB. */
const MANY_PIECES = 71_000;
/** More than that limit. */
const TOO_MANY_PIECES = 80_000;

const post = (body: string): ScgiCallInit => ({
  method: 'POST',
  uri: '/RPC2',
  headers: { 'Content-Type': 'text/xml' },
  body,
});

type Send = (target: string, body: string) => Promise<string>;
const WAYS: [string, Send][] = [
  ['scgiRequest', (target, body) => firstValueFrom(scgiRequest(target, post(body)).pipe(mergeMap(textOf)))],
  ['scgiClient', (target, body) => firstValueFrom(scgiClient(target)(post(body)).pipe(mergeMap(textOf)))],
  [
    'scgiFetch',
    async (target, body) => {
      const headers = { 'Content-Type': 'text/xml' };
      const response = await scgiFetch(target)('http://rtorrent/RPC2', { method: 'POST', headers, body });
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/xml']);
      return response.text();
    },
  ],
  [
    'scgiGateway',
    async (target, body) => {
      const gateway = await ownGateway.start({ target });
      const headers = { 'Content-Type': 'text/xml' };
      const reply = await fetch(`${gateway.url}/RPC2`, { method: 'POST', headers, body });
      const text = await reply.text();
      await gateway.stop();
      expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'text/xml']);
      return text;
    },
  ],
  [
    'rxscgi request',
    async (target, body) => {
      const words = ['POST', '/RPC2', '--mount', '/RPC2', '-H', 'Content-Type: text/xml', '-d', body];
      const { code, bytes } = await runInProcess(['request', target, ...words]);
      expect(code).toBe(0);
      return bytes;
    },
  ],
];

describeWith(['rtorrent'], 'rTorrent', () => {
  describe.each(TRANSPORTS)('over %s', (transport) => {
    let rtorrent: Application;

    beforeAll(async () => {
      rtorrent = await startRtorrent(transport);
    });
    afterAll(() => rtorrent.stop());

    describe.each(WAYS)('by %s', (way, send) => {
      const rpc = async (method: string, ...params: (string | Buffer)[]): Promise<string[]> =>
        valuesOf(await send(rtorrent.target, methodCall(method, ...params)));
      const load = async (name: string, pieces?: number): Promise<void> => {
        expect(await rpc('load.raw', '', makeTorrent(name, pieces))).toEqual(['0']);
        // It is loaded in a later turn of rTorrent's.
        while (!(await rpc('d.multicall2', '', 'main', 'd.name=')).includes(name));
      };

      it('should list the methods', async () => {
        const methods = await rpc('system.listMethods');
        expect(methods).toEqual(
          expect.arrayContaining(['load.raw', 'd.multicall2', 'system.client_version']),
        );
        expect(methods.length).toBeGreaterThan(500);
      });

      it('should load a torrent, and list it', async () => {
        const name = `${way}-${transport}`;
        await load(name);
        const rows = await rpc('d.multicall2', '', 'main', 'd.name=', 'd.size_bytes=', 'd.state=');
        const start = rows.indexOf(name);
        expect(rows.slice(start, start + 3)).toEqual([name, '16384', '0']);
      });

      it('should send a request of 1.9 MB', async () => {
        const name = `${way}-${transport}-large`;
        await load(name, MANY_PIECES);
        const rows = await rpc('d.multicall2', '', 'main', 'd.name=', 'd.size_bytes=');
        expect(rows[rows.indexOf(name) + 1]).toBe(String(MANY_PIECES * 16_384));
      });
    });

    it('should tell of a request that rTorrent refuses by closing', async () => {
      const large = methodCall('load.raw', '', makeTorrent('too-large', TOO_MANY_PIECES));
      for (const init of [post(large), post(''), {}])
        await expect(firstValueFrom(scgiRequest(rtorrent.target, init))).rejects.toMatchObject({
          code: 'ERR_SCGI_EMPTY_RESPONSE',
        });
    });

    it('should be a 502 of a gateway for such a request', async () => {
      const gateway = await ownGateway.start({ target: rtorrent.target });
      expect(await call(`${gateway.url}/RPC2`)).toMatchObject({ status: 502, text: 'Bad Gateway\n' });
      await gateway.stop();
    });

    it('should be healthy for rxscgi ping, which sends a call', async () => {
      const words = ['-d', methodCall('system.pid'), '-H', 'content-type: text/xml'];
      expect((await runInProcess(['ping', rtorrent.target, ...words])).code).toBe(0);
      expect((await runInProcess(['ping', rtorrent.target])).code).toBe(1);
    });

    it('should answer as many calls as queue up', async () => {
      const client = scgiClient(rtorrent.target, { concurrency: 1 });
      const version$ = client(post(methodCall('system.client_version'))).pipe(mergeMap(textOf));
      const versions = await firstValueFrom(forkJoin(Array.from({ length: 50 }, () => version$)));
      expect(new Set(versions.flatMap(valuesOf)).size).toBe(1);
    });
  });
});
