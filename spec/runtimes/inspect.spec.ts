/** What the observer of a server is told over real sockets: the same on Node.js and, by its own sockets, on Bun. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fromEvent, map } from 'rxjs';
import { requestBytes } from '../../lib/testing/index.js';
import type { InspectEvent } from '../../lib/server/inspect/inspect-event.js';
import { requireBuild } from '../helpers/command/build.js';
import { Log } from '../helpers/sockets/log.js';
import { afterwards, cleanUpSockets } from '../helpers/sockets/sockets.js';
import { lineOf } from '../helpers/virtual-time/server/inspected.js';
import { connectTo, exchange, headFor, outcomeOf } from './transports/gateway.js';

const PROGRAM = join(__dirname, 'inspect/program.mjs');
const RUNTIMES = [
  ['lib/node', process.execPath, 'node'],
  ['lib/bun', join(__dirname, 'node_modules/.bin/bun'), 'bun'],
] as const;

/**
 * Events as short lines, without what is the system's own matter: brakes, since it may take a small chunk at once or not; the gateway's FIN,
 * of which Bun may tell only that the connection is closed; and when and how our side ends after the gateway has gone.
 */
function linesOf(events: readonly InspectEvent[]): string[] {
  return events
    .filter(({ type }) => !type.endsWith('-paused') && type !== 'bytes-in-end')
    .map((event) => lineOf(event).replace(/^\S+ /, ''))
    .filter((line) => !/^end (?:closed|reset)$/.test(line));
}

cleanUpSockets();

describe.each(RUNTIMES)('inspect over %s', (name, runtime, entry) => {
  if (!existsSync(runtime) && process.env.RXSCGI_PEERS !== 'required') {
    process.stderr.write(`skipped, since Bun is not installed (npm ci --prefix spec/runtimes): ${name}\n`);
    it.skip('is not installed', () => undefined);
    return;
  }
  let log: Log<InspectEvent>;
  let address: string;

  beforeAll(requireBuild);
  beforeEach(async () => {
    const child = spawn(runtime, [PROGRAM, entry], { stdio: ['ignore', 'pipe', 'inherit'] });
    afterwards(() => child.kill('SIGKILL'));
    const lines = new Log(
      fromEvent(createInterface({ input: child.stdout }), 'line').pipe(
        map((line) => JSON.parse(line as string) as unknown),
      ),
    );
    address = await lines.value<string>((each): each is string => typeof each === 'string');
    log = lines as Log<InspectEvent>;
  });

  /** Waits until a connection is over. @returns its events. */
  async function eventsOf(connection: number): Promise<InspectEvent[]> {
    await log.value((event) => event.connection === connection && event.type === 'close');
    return log.values.filter((event) => event.connection === connection);
  }

  it('should tell all of a POST whose response streams', async () => {
    const socket = connectTo(address);
    const outcome = outcomeOf(socket);
    socket.write(headFor('/stream', 10));
    await log.value(({ type }) => type === 'body-state');
    socket.write('hello');
    await log.value((event) => event.type === 'bytes-out' && event.bytes === 5);
    socket.write('world');
    await log.value(({ type }) => type === 'body-end');
    const { response } = await exchange(address, { uri: '/release' });
    expect(response.status).toBe(200);
    expect((await outcome).bytes.toString()).toMatch(/\r\n\r\nhelloworldlast$/);
    const events = await eventsOf(1);
    expect(linesOf(events)).toEqual([
      'open',
      'bytes-in 109',
      'request 10',
      'handler called',
      'handler emitted',
      'response 200 handler',
      'body-state subscribed pullMap',
      'bytes-out 44',
      'handler completed',
      'bytes-in 5',
      'body 5',
      'chunk 5',
      'bytes-out 5',
      'bytes-in 5',
      'body 5',
      'chunk 5',
      'bytes-out 5',
      'body-end',
      'chunk 4',
      'bytes-out 4',
      'end fin',
      'close',
    ]);
    expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).sort((a, b) => a - b));
    const texts = events.map((event) => ('text' in event ? event.text : undefined));
    expect(texts.filter((text) => text !== undefined)).toEqual(['hello', 'hello', 'world', 'world', 'last']);
  });

  it('should tell an error of the handler, with its stack', async () => {
    await exchange(address, { uri: '/fail' });
    const events = await eventsOf(1);
    expect(linesOf(events)).toEqual([
      'open',
      'bytes-in 105',
      'request 0',
      'handler called',
      'handler failed',
      'error handler TypeError',
      'response 500 error',
      'chunk 22',
      'bytes-out 120',
      'end fin',
      'close',
    ]);
    expect(events.find(({ type }) => type === 'error')).toMatchObject({
      code: 'TypeError',
      message: 'no such row',
      frames: expect.arrayContaining([expect.stringMatching(/program\.mjs:\d+/)]) as string[],
    });
  });

  it('should tell that a client has left', async () => {
    const socket = connectTo(address);
    socket.write(requestBytes({ uri: '/endless' }));
    await log.value(({ type }) => type === 'chunk');
    socket.destroy();
    expect(linesOf(await eventsOf(1))).toEqual([
      'open',
      'bytes-in 108',
      'request 0',
      'handler called',
      'handler emitted',
      'response 200 handler',
      'chunk 5',
      'bytes-out 23',
      'handler completed',
      'error connection ERR_SCGI_GATEWAY_GONE 108',
      'close',
    ]);
  });
});
