/** Runs examples/rtorrent on `rxscgi dev`, with a real rTorrent behind it. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Observable, bufferCount, firstValueFrom, map, mergeMap } from 'rxjs';
import { scgiRequest } from '../../lib/node/index.js';
import type { Application } from '../helpers/applications/application.js';
import { makeTorrent, startRtorrent } from '../helpers/applications/rtorrent.js';
import { methodCall, valuesOf } from '../helpers/applications/xml-rpc.js';
import { Command, useBuiltCommand } from '../helpers/command/command.js';
import { describeWith } from '../helpers/describe-with.js';
import { call, openCall } from '../helpers/peers/clients/http-client.js';
import { Log } from '../helpers/sockets/log.js';
import { cleanUpSockets } from '../helpers/sockets/sockets.js';
import { textOf } from '../helpers/sockets/outgoing/call-application.js';

useBuiltCommand();
cleanUpSockets();

const EXAMPLE = join(__dirname, '../../examples/rtorrent');
const isInstalled = existsSync(join(EXAMPLE, 'node_modules/@foxglove/xmlrpc'));

/** `<script>` in a name: it is data, whatever it looks like. */
const NAME = '<script>alert(1)<script>';

/** A command to a download that is not there. */
const UNKNOWN = `downloads/${'0'.repeat(40)}/start`;

interface Download {
  readonly hash: string;
  readonly name: string;
  readonly bytes: number;
  readonly started: number;
}

/** An event of the page's stream. */
interface Event {
  readonly event: string;
  readonly data: unknown;
}

describeWith([isInstalled ? 'rtorrent' : 'npm ci --prefix examples/rtorrent'], 'examples/rtorrent', () => {
  let rtorrent: Application;
  const ask = async (method: string, ...params: (string | Buffer)[]): Promise<string[]> => {
    const headers = { 'Content-Type': 'text/xml' };
    const body = methodCall(method, ...params);
    const xml$ = scgiRequest(rtorrent.target, { method: 'POST', uri: '/RPC2', headers, body });
    return valuesOf(await firstValueFrom(xml$.pipe(mergeMap(textOf))));
  };

  beforeAll(async () => {
    rtorrent = await startRtorrent('Unix');
    await ask('load.raw', '', makeTorrent(NAME));
  });
  afterAll(() => rtorrent.stop());

  function dev(target = rtorrent.target): Promise<string> {
    const command = new Command(['dev', 'handler.mjs', '--port', '0'], {
      cwd: EXAMPLE,
      env: { RTORRENT: target },
    });
    return command.url();
  }

  /** The events of the page, from now on. */
  async function eventsOf(url: string): Promise<Log<Event>> {
    const response = await openCall(`${url}events`).response;
    expect(response.headers['content-type']).toMatch(/^text\/event-stream/);
    const lines = new Observable<string>((subscriber) => {
      const reader = createInterface({ input: response });
      reader.on(
        'line',
        (line) => /^(?:event|data): /.test(line) && subscriber.next(line.replace(/^\w+: /, '')),
      );
      return () => response.destroy();
    });
    return new Log(
      lines.pipe(
        bufferCount(2),
        map(([event = '', data = '']) => ({ event, data: JSON.parse(data) as unknown })),
      ),
    );
  }

  const downloadIn = ({ event, data }: Event): Download | undefined =>
    event === 'changed' ? (data as Download[]).find(({ name }) => name === NAME) : undefined;

  it('should list a download, start it and stop it, and show that to a page that is open', async () => {
    const url = await dev();
    const events = await eventsOf(url);
    const first = await events.value((event) => downloadIn(event) !== undefined);
    let shown = events.values.indexOf(first);
    const { hash, bytes, started } = downloadIn(first)!;
    expect([bytes, started]).toEqual([16_384, 0]);
    for (const [command, state] of [
      ['start', 1],
      ['stop', 0],
    ] as const) {
      const headers = { 'Sec-Fetch-Site': 'same-origin' };
      const { status } = await call(`${url}downloads/${hash}/${command}`, { method: 'POST', headers });
      expect(status).toBe(204);
      expect(await ask('d.state', hash)).toEqual([String(state)]);
      const changed = await events.value(
        (event) => events.values.indexOf(event) > shown && downloadIn(event)?.started === state,
      );
      shown = events.values.indexOf(changed);
    }
  });

  it('should list the downloads by a package of others that calls the global fetch', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['status.mjs', rtorrent.target], {
      cwd: EXAMPLE,
    });
    expect(stdout).toMatch(/^rTorrent \d+\.\d+\.\d+\n/);
    expect(stdout).toContain(`\n${NAME}: paused, 0 %\n`);
  });

  it('should serve the page, which forbids scripts of others, and nothing else', async () => {
    const url = await dev();
    const page = await call(url);
    expect(page).toMatchObject({ status: 200, complete: true });
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    for (const [, path = ''] of page.text.matchAll(/(?:href|src)="\/([^"]+)"/g))
      expect((await call(`${url}${path}`)).status).toBe(200);
    expect((await call(`${url}nowhere`)).status).toBe(404);
    expect((await call(`${url}events`, { method: 'POST' })).status).toBe(405);
    expect((await call(`${url}${UNKNOWN}`, { method: 'POST' })).status).toBe(404);
  });

  it('should do nothing for a page of another site', async () => {
    const url = await dev();
    const path = `${url}downloads/${(await ask('d.multicall2', '', 'main', 'd.hash='))[0]}/start`;
    const { host } = new URL(url);
    for (const [headers, status] of [
      [{ 'Sec-Fetch-Site': 'cross-site' }, 403],
      [{ 'Sec-Fetch-Site': 'same-site' }, 403],
      [{ 'Sec-Fetch-Site': 'none' }, 403],
      [{ Origin: 'http://elsewhere.example' }, 403],
      [{ Origin: 'null' }, 403],
      [{ Host: 'elsewhere.example' }, 421],
    ] as const) {
      expect((await call(path, { method: 'POST', headers: { Host: host, ...headers } })).status).toBe(status);
    }
    expect((await call(path, { headers: { 'Sec-Fetch-Site': 'same-origin' } })).status).toBe(405);
    expect(await ask('d.multicall2', '', 'main', 'd.state=')).toEqual(['0']);
  });

  it('should answer 502 when rTorrent is not there, and tell the page', async () => {
    const alone = await dev(`unix:${join(rtorrent.folder, 'nowhere')}`);
    expect((await call(`${alone}${UNKNOWN}`, { method: 'POST' })).status).toBe(502);
    const events = await eventsOf(alone);
    expect((await events.value(({ event }) => event === 'failure')).data).toContain(
      'ERR_SCGI_CONNECT_FAILED',
    );
  });
});
