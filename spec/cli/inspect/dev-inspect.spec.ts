/** `rxscgi dev --inspect`: the live view of an application, as a browser gets it. */
import { createServer } from 'node:http';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../helpers/command/build.js';
import { Command, runCommand, useBuiltCommand } from '../../helpers/command/command.js';
import { editedApplication, setText } from '../../helpers/command/edited-application.js';
import { runInProcess } from '../../helpers/command/in-process.js';
import { call, openCall } from '../../helpers/peers/clients/http-client.js';
import { cleanUpSockets, listening } from '../../helpers/sockets/sockets.js';

interface Message {
  readonly event: string;
  readonly id: string;
  readonly data: unknown;
}
interface Told {
  readonly type: string;
  readonly connection: number;
}

const APP = `import { text } from './lib/text.mjs';
export default ({ path }) => {
  if (path === '/fail') throw new TypeError('failed');
  return { headers: { 'Set-Cookie': 's3cret' }, body: text };
};`;

useBuiltCommand();
cleanUpSockets();

/** Reads a stream of events, until one is what is waited for. @returns all events of the application so far. */
async function eventsUntil(
  url: string,
  found: (event: Told) => boolean,
  lastId?: string,
): Promise<{ messages: Message[]; events: Told[] }> {
  const leave = new AbortController();
  const headers = { accept: 'text/event-stream', ...(lastId !== undefined && { 'last-event-id': lastId }) };
  const response = await fetch(`${url}events`, { headers, signal: leave.signal });
  const messages: Message[] = [];
  const events: Told[] = [];
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop()!;
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s) as [string, string]));
      if (!fields.has('data')) continue;
      const data = JSON.parse(fields.get('data')!) as Told[] | { exchanges: { events: Told[] }[] };
      messages.push({ event: fields.get('event')!, id: fields.get('id') ?? '', data });
      if (fields.get('event') === 'inspect') events.push(...(data as Told[]));
      if ('exchanges' in data) events.push(...data.exchanges.flatMap((each) => each.events));
    }
    if (events.some(found)) break;
  }
  leave.abort();
  return { messages, events };
}

describe('rxscgi dev --inspect', () => {
  let command: Command;
  let cwd: string;
  let url: string;
  let view: string;

  beforeEach(async () => {
    cwd = editedApplication(APP);
    command = new Command(['dev', 'app.mjs', '--port', '0', '--inspect=0'], { cwd });
    const [line, printed] = await Promise.all([
      command.stderr.value((text) => text.includes('the live view is at ')),
      command.url(),
    ]);
    view = /http:\S+/.exec(line)![0];
    url = printed;
  });

  it('should serve the page for this machine alone, and show exchanges, also after a restart', async () => {
    const html = await fetch(view);
    expect(html.status).toBe(200);
    const policy = html.headers.get('content-security-policy');
    expect(policy).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(policy).not.toContain('unsafe');
    expect(html.headers.get('cache-control')).toBe('no-store');
    expect(html.headers.get('x-content-type-options')).toBe('nosniff');
    const page = join(ROOT, 'lib/cli/inspect/page');
    const files = readdirSync(page, { recursive: true }) as string[];
    for (const name of files.filter((each) => each.includes('.')))
      expect(await call(`${view}${name}`)).toMatchObject({ status: 200 });
    for (const path of [
      'none.js',
      'inspect-record.ts',
      '..%2fmain.js',
      '%2e%2e/main.ts',
      'page/main.js',
      'list',
    ])
      expect(await call(`${view}${path}`)).toMatchObject({ status: 404 });
    expect(await call(view, { method: 'POST' })).toMatchObject({ status: 405 });
    const rebound = await openCall(`${view}events`, { headers: { host: 'evil.example' } }).response;
    expect(rebound.statusCode).toBe(421);
    rebound.destroy();

    await call(`${url}<script>?\u0001`.replace('\u0001', '%01'), {
      headers: { cookie: 's3cret', 'x-a': '</script>' },
    });
    const first = await eventsUntil(view, ({ type }) => type === 'end');
    expect(first.messages[0]?.event).toBe('snapshot');
    const types = first.events.map(({ type }) => type);
    for (const type of ['open', 'bytes-in', 'request', 'handler', 'response', 'chunk', 'bytes-out', 'end'])
      expect(types).toContain(type);
    const text = JSON.stringify(first.events);
    expect(text).toContain('</script>');
    expect(text).not.toContain('s3cret');

    const restarted = command.stderr.value((line) => line === 'rxscgi: restarted');
    setText(cwd, "'two'");
    await restarted;
    await call(url);
    const { id } = first.messages.findLast((message) => message.id !== '')!;
    const next = await eventsUntil(view, ({ type, connection }) => type === 'end' && connection > 1, id);
    // It goes on where it was.
    expect(next.messages.map(({ event }) => event)).not.toContain('snapshot');
    expect(next.events.map(({ type }) => type)).toContain('restart');
    expect(next.events.find(({ type }) => type === 'request')?.connection).toBeGreaterThan(1);

    command.kill('SIGTERM');
    expect(await command.end()).toMatchObject({ code: 0 });
  });

  it('should name the place of an error in the application, and not send its stack', async () => {
    await call(`${url}fail`);
    const { events } = await eventsUntil(view, ({ type }) => type === 'error');
    const error = events.find(({ type }) => type === 'error');
    expect(error).toMatchObject({ code: 'TypeError', place: 'app.mjs:3:31' });
    expect(error).not.toHaveProperty('frames');
  });
});

describe('the flag --inspect', () => {
  it('should name itself when its port is in use', async () => {
    const taken = new URL(`http://${await listening(createServer())}`);
    const { code, stderr } = await runCommand(['dev', 'greet.mjs', '--port', '0', `--inspect=${taken.port}`]);
    expect(stderr.join('\n')).toContain(`port ${taken.port} is in use: choose another with --inspect=PORT`);
    expect(code).toBe(1);
  });

  it.each([['--inspect=x'], ['--inspect='], ['--inspect=65536'], ['--inspect', '8081']])(
    'should refuse %s %s',
    async (...flags) => {
      const { code, message } = await runInProcess(['dev', 'greet.mjs', ...flags]);
      expect(message).toMatch(/inspect|MODULE/);
      expect(code).toBe(2);
    },
  );
});
