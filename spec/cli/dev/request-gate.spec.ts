import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { RequestGate, type GateOptions } from '../../../lib/cli/dev/request-gate.js';
import { call, openCall, readReply, type Call, type Reply } from '../../helpers/peers/clients/http-client.js';
import { Log } from '../../helpers/sockets/log.js';
import { afterwards, cleanUpSockets, listening } from '../../helpers/sockets/sockets.js';

const FAILURE = { message: 'app.mjs failed: <b>', lines: ['Error: <b> & \'"', '    at app.mjs:1:1'] };
const BROWSER = { accept: 'text/html,*/*;q=0.8' };

cleanUpSockets();

async function firstChunk(response: IncomingMessage): Promise<string> {
  const [chunk] = (await once(response, 'data')) as [Buffer];
  return chunk.toString();
}

class Gate {
  readonly gate: RequestGate;
  private readonly server = createServer();
  private address = '';
  private arrivals = 0;
  /** The end of the first response. */
  readonly closed: Promise<unknown>;

  constructor(options: Partial<Omit<GateOptions, 'isTrusted'>> & { isTrusted?: boolean } = {}) {
    const { isTrusted = true, ...rest } = options;
    this.gate = new RequestGate({ isTrusted: () => isTrusted, ...rest });
    this.server.on('request', this.gate.listener);
    this.server.on('request', () => this.arrivals++);
    this.closed = once(this.server, 'request').then(([, response]) =>
      once(response as ServerResponse, 'close'),
    );
  }

  async call(path = '', options: Call = {}): ReturnType<typeof call> {
    return call(await this.url(path), options);
  }

  async url(path = ''): Promise<string> {
    if (this.address === '') {
      this.address = await listening(this.server);
      afterwards(() => this.server.closeAllConnections());
    }
    return `http://${this.address}/${path}`;
  }

  /** Waits until so many requests have arrived. */
  async arrived(count: number): Promise<void> {
    while (this.arrivals < count) await once(this.server, 'request');
  }

  ready(
    forward: RequestListener = (request, response) => response.end(`forwarded ${request.url ?? ''}`),
  ): void {
    this.gate.set({ type: 'ready', forward });
  }

  fail(): void {
    this.gate.set({ type: 'failed', failure: FAILURE });
  }
}

describe('RequestGate', () => {
  it('should let requests wait until the application is ready, in their order, with their bodies', async () => {
    const gate = new Gate();
    const [a, b] = [gate.call('a'), gate.call('b', { body: Buffer.from('body') })];
    await gate.arrived(2);
    gate.ready((request, response) => request.pipe(response.writeHead(200, { path: request.url })));
    expect([await a, await b]).toMatchObject([
      { headers: { path: '/a' }, text: '' },
      { headers: { path: '/b' }, text: 'body' },
    ]);
    expect(await gate.call('c')).toMatchObject({ headers: { path: '/c' } });
  });

  it('should answer 503 when a request has waited too long, or too many wait', async () => {
    const late = new Gate({ waitMs: 1 });
    expect(await late.call()).toMatchObject({ status: 503, headers: { 'retry-after': '1' }, complete: true });
    const full = new Gate({ maxWaiting: 1 });
    const first = full.call('first');
    await full.arrived(1);
    expect(await full.call()).toMatchObject({ status: 503, complete: true });
    full.ready();
    expect(await first).toMatchObject({ status: 200, text: 'forwarded /first' });
  });

  it('should have room again when a client that waited has gone away', async () => {
    const gate = new Gate({ maxWaiting: 1 });
    const leaving = openCall(await gate.url());
    leaving.response.catch(() => undefined);
    await gate.arrived(1);
    leaving.abandon();
    await gate.closed;
    const reply = gate.call('next');
    await gate.arrived(2);
    gate.ready();
    expect(await reply).toMatchObject({ status: 200 });
  });

  it('should answer 503 to those that wait when the application is not to be waited for any more', async () => {
    const gate = new Gate();
    const waiting = gate.call();
    await gate.arrived(1);
    gate.gate.set({ type: 'over' });
    expect(await waiting).toMatchObject({ status: 503 });
    expect(await gate.call()).toMatchObject({ status: 503 });
  });

  describe('explain', () => {
    async function explained(status: number, after?: (gate: Gate) => void): Promise<Reply> {
      const gate = new Gate({ crashMs: 1 });
      gate.ready((request, response) => {
        gate.gate.explain(Object.assign(new Error('secret'), { status }), request, response);
        after?.(gate);
      });
      return gate.call();
    }

    it('should answer with the status of the error, and nothing of it', async () => {
      for (const status of [413, 421, 502]) {
        const reply = await explained(status);
        expect(reply).toMatchObject({ status, complete: true });
        expect(reply.text).not.toContain('secret');
      }
    });

    it('should say why the application has crashed, as soon as that is known', async () => {
      const { status, text } = await explained(502, (gate) => gate.fail());
      expect(status).toBe(500);
      expect(text).toContain(FAILURE.message);
    });
  });

  describe('when the application has failed', () => {
    it('should show a browser why, escaped, and tell others in plain text', async () => {
      const gate = new Gate();
      gate.fail();
      const page = await gate.call('', { headers: BROWSER });
      expect(page).toMatchObject({
        status: 500,
        complete: true,
        headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
      });
      expect(page.text).toContain('<p>app.mjs failed: &#60;b&#62;</p>');
      expect(page.text).toContain('<pre>Error: &#60;b&#62; &#38; &#39;&#34;\n    at app.mjs:1:1</pre>');
      expect(await gate.call()).toMatchObject({
        status: 500,
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        text: `The application does not run.\n${FAILURE.message}\n${FAILURE.lines.join('\n')}\n`,
      });
    });

    it('should tell nothing of it to another machine', async () => {
      const gate = new Gate({ isTrusted: false });
      gate.fail();
      for (const headers of [BROWSER, {}]) {
        const { status, text } = await gate.call('', { headers });
        expect(status).toBe(500);
        expect(text).not.toContain('app.mjs');
      }
    });

    it('should answer requests that waited', async () => {
      const gate = new Gate();
      const waiting = gate.call();
      await gate.arrived(1);
      gate.fail();
      expect(await waiting).toMatchObject({ status: 500 });
    });

    it('should tell a page that asks as soon as there is news, and not before', async () => {
      const gate = new Gate();
      gate.fail();
      const { text } = await gate.call('', { headers: BROWSER });
      const [, name = '', seen = ''] = /headers: \{ '(.*)': '(.*)' \}/.exec(text)!;
      const asking = { headers: { [name]: seen } };
      const waiting = gate.call('', asking);
      await gate.arrived(2);
      gate.gate.set({ type: 'starting' });
      const later = gate.call('', asking);
      await gate.arrived(3);
      gate.fail();
      expect([await waiting, await later]).toMatchObject([{ status: 204 }, { status: 204 }]);
      expect(await gate.call('', asking)).toMatchObject({ status: 204 });
    });

    it('should have only pages of GET reload themselves', async () => {
      const gate = new Gate();
      gate.fail();
      const { text } = await gate.call('', { headers: BROWSER, body: Buffer.from('x') });
      expect(text).toContain('<pre>');
      expect(text).not.toContain('<script');
    });
  });

  describe('quiet', () => {
    /** Requests whose responses begin, and are left open. */
    async function held(...accepts: string[]): Promise<{ gate: Gate; replies: Promise<Reply>[] }> {
      const gate = new Gate();
      gate.ready((_request, response) => response.write('held'));
      const url = await gate.url();
      const responses = accepts.map((accept) => openCall(url, { headers: { accept } }).response);
      return { gate, replies: (await Promise.all(responses)).map(readReply) };
    }

    it('should notify when nothing is under way', async () => {
      const gate = new Gate();
      gate.ready();
      await gate.call();
      expect(await new Log(gate.gate.quiet(Infinity)).over()).toBe('complete');
    });

    it('should cut event streams at once', async () => {
      const { gate, replies } = await held('text/event-stream', 'text/event-stream');
      expect(await new Log(gate.gate.quiet(Infinity)).over()).toBe('complete');
      expect(await Promise.all(replies)).toMatchObject([{ complete: false }, { complete: false }]);
    });

    it('should wait for the heads of other responses, and leave their bodies alone', async () => {
      const gate = new Gate();
      let finish = (): void => undefined;
      gate.ready((_request, response) => (finish = () => response.write('held')));
      const { response } = openCall(await gate.url());
      await gate.arrived(1);
      const quiet = new Log(gate.gate.quiet(Infinity));
      finish();
      expect(await quiet.over()).toBe('complete');
      expect(await firstChunk(await response)).toBe('held');
    });

    it('should not wait for a pipelined request of a client that has left', async () => {
      const gate = new Gate();
      gate.ready(() => undefined);
      const client = connect(Number(new URL(await gate.url()).port), '127.0.0.1');
      afterwards(() => client.destroy());
      const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
      client.write(`${get}${get}`);
      await gate.arrived(2);
      client.destroy();
      await gate.closed;
      expect(await new Log(gate.gate.quiet(Infinity)).over()).toBe('complete');
    });

    it('should cut all when its patience is over', async () => {
      const gate = new Gate();
      gate.ready(() => undefined);
      const { response } = openCall(await gate.url());
      await gate.arrived(1);
      const cut = expect(response).rejects.toThrow('socket hang up');
      expect(await new Log(gate.gate.quiet(1)).over()).toBe('complete');
      await cut;
    });
  });
});
