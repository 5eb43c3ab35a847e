/** examples/hello, as a browser uses it. */
import { join } from 'node:path';
import { Command, useBuiltCommand } from '../../helpers/command/command.js';
import { exchange } from '../../helpers/sockets/exchange.js';
import { call } from '../../helpers/peers/clients/http-client.js';
import { TestGateway, cleanUpSockets } from '../../helpers/sockets/sockets.js';

const HELLO = join(__dirname, '../../../examples/hello/handler.mjs');

useBuiltCommand();
cleanUpSockets();

async function start(): Promise<string> {
  return new Command(['dev', HELLO, '--http', '0']).url();
}

/** A page's stream of events, as text. */
async function openEvents(url: string): Promise<TestGateway> {
  const client = await TestGateway.connect(new URL(url).host);
  client.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await client.received((text) => text.includes('event: viewers'));
  return client;
}

/** The data of all events of a type that have come. */
function eventsOf(text: string, type: string): unknown[] {
  const events = text.matchAll(new RegExp(`event: ${type}\\ndata: (.*)\\n\\n`, 'g'));
  return Array.from(events, ([, data]) => JSON.parse(data!) as unknown);
}

describe('examples/hello', () => {
  it('should show the variables of the request, escaped', async () => {
    const url = await start();
    const hostile = `<script>alert("1")</script>&'`;
    const reply = await call(`${url}?%3Cb%3E`, { headers: { 'X-Hostile': hostile } });
    expect(reply).toMatchObject({ status: 200, complete: true });
    expect(reply.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(reply.text).toContain('<tr><th scope="row">QUERY_STRING</th><td>%3Cb%3E</td></tr>');
    expect(reply.text).toContain(
      '<th scope="row">HTTP_X_HOSTILE</th><td>&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#38;&#39;</td>',
    );
    expect(reply.text).not.toContain('alert("1")');
  });

  it('should push events one by one', async () => {
    const events = await openEvents(await start());
    expect(events.text).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Type: text\/event-stream\r\n/);
    await events.received((text) => eventsOf(text, 'clock').length === 2);
    const [first, second] = eventsOf(events.text, 'clock') as { time: string }[];
    expect(Date.parse(second!.time)).toBeGreaterThan(Date.parse(first!.time));
  });

  it('should unsubscribe when a browser goes away', async () => {
    const url = await start();
    const staying = await openEvents(url);
    const leaving = await openEvents(url);
    await staying.received((text) => text.includes('"count":2'));
    leaving.socket.destroy();
    await staying.received((text) => eventsOf(text, 'viewers').length === 3);
    expect(eventsOf(staying.text, 'viewers')).toEqual([{ count: 1 }, { count: 2 }, { count: 1 }]);
  });

  it('should count an upload while it streams', async () => {
    const url = await start();
    const events = await openEvents(url);
    const upload = await TestGateway.connect(new URL(url).host);
    upload.write('PUT /upload?id=7 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n\r\n');
    upload.write('a'.repeat(150_000));
    await events.received((text) => text.includes('{"id":"7","bytes":150000,"of":200000}'));
    expect(upload.text).toBe('');
    upload.write('a'.repeat(50_000));
    expect(await upload.received((text) => text.endsWith('}\n'))).toMatch(
      /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n\{"bytes":200000,"milliseconds":\d+\}\n$/,
    );
  });

  it('should count an empty upload', async () => {
    const reply = await call(`${await start()}upload`, { method: 'PUT', upload: 0 });
    expect(JSON.parse(reply.text)).toMatchObject({ bytes: 0 });
  });

  it.each([
    ['GET', '/none', 404, undefined],
    ['POST', '/', 405, 'GET'],
    ['DELETE', '/upload', 405, 'PUT'],
    ['HEAD', '/', 200, undefined],
  ])('should answer %s %s with %i', async (method, path, status, allow) => {
    const reply = await call(new URL(path, await start()).href, { method });
    expect(reply.status).toBe(status);
    expect(reply.headers.allow).toBe(allow);
  });

  it('should run behind a web server as well', async () => {
    const command = new Command(['serve', HELLO, '--listen', '127.0.0.1:0']);
    const page = await exchange(await command.address(), { variables: { MARK: '<here>' } });
    expect(page).toMatch(/^200 <!doctype html>/);
    expect(page).toContain('<tr><th scope="row">MARK</th><td>&#60;here&#62;</td></tr>');
  });
});
