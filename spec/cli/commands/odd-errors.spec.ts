/** Handlers that throw odd values behind the real command: each is one line of the log, and nothing ends. */
import { Command, useBuiltCommand } from '../../helpers/command/command.js';
import { exchange } from '../../helpers/sockets/exchange.js';
import { cleanUpSockets } from '../../helpers/sockets/sockets.js';

useBuiltCommand();
cleanUpSockets();

const URIS = [
  '/message?%0A%20at%20file:%2F%2F%5B:1%0A',
  ...[
    '/null-prototype',
    '/stack',
    '/name',
    '/symbol',
    '/bigint',
    '/circular',
    '/to-string',
    '/getter',
    '/proxy',
  ],
];
const LISTEN = ['--listen', '127.0.0.1:0'];

describe.each([
  ['serve', LISTEN],
  ['serve', [...LISTEN, '--workers', '2']],
  ['dev', ['--http', '0']],
])('rxscgi %s odd-errors.mjs %j', (name, options) => {
  it.each(['common', 'json'])('should log a line for each, and go on, with --log %s', async (format) => {
    const command = new Command([name, 'faults/odd-errors.mjs', ...options, '--log', format]);
    const get = await sender(command, name);
    for (const uri of URIS) expect(await get(uri)).toBe(500);
    expect(await get('/fine')).toBe(200);
    command.kill('SIGTERM');
    const { code, stderr } = await command.end();
    const failures = stderr.filter((line) =>
      format === 'json' ? line.includes('"event":"failure"') : /^\S+ - - \[/.test(line),
    );
    expect(failures).toHaveLength(URIS.length);
    expect(code).toBe(0);
  });
});

/** A function that requests a URI and gives the status. */
async function sender(command: Command, name: string): Promise<(uri: string) => Promise<number>> {
  if (name === 'dev') {
    const url = await command.url();
    return async (uri) => (await fetch(new URL(uri, url))).status;
  }
  const address = await listeningAddress(command);
  return async (uri) => Number.parseInt(await exchange(address, { uri }), 10);
}

/** As a line or as an object says it. */
async function listeningAddress({ stderr }: Command): Promise<string> {
  const line = await stderr.value((text) => /listening/.test(text));
  return /127\.0\.0\.1:\d+/.exec(line)![0];
}
