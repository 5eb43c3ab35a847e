/** `rxscgi request`: what is sent, what is shown, and the exit codes. */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { verifyCallInit } from '../../../lib/node/client/call-options.js';
import { CALL_TIME_FLAGS, HEAD_FLAG } from '../../../lib/cli/calling/call-flags.js';
import { CALL_EXIT_CODE_HELP } from '../../../lib/cli/calling/call-failure.js';
import { readPage } from '../../helpers/docs/snippets.js';
import { runInProcess, type InProcessEnd } from '../../helpers/command/in-process.js';
import { FakeApplication, type FakeConnection } from '../../helpers/sockets/outgoing/fake-application.js';
import { cleanUpSockets, listening, temporaryFolder } from '../../helpers/sockets/sockets.js';

cleanUpSockets();

/** Runs `rxscgi request` against an application that does as the spec says. */
async function request(
  args: readonly string[],
  answer: (connection: FakeConnection) => unknown = (connection) =>
    connection.respond('Status: 200 OK\n\nok'),
): Promise<InProcessEnd & { readonly variables: ReadonlyMap<string, string>; readonly sent: string }> {
  const application = await FakeApplication.start();
  const accepted = application.accept();
  const ended = runInProcess(['request', application.address, ...args]);
  const connection = await accepted;
  const variables = new Map(await connection.variables());
  const length = Number(variables.get('CONTENT_LENGTH'));
  const text = await connection.received((each) => bodyOf(each).length >= length);
  await answer(connection);
  return { ...(await ended), variables, sent: bodyOf(text) };
}

/** What follows the head of a request. */
function bodyOf(text: string): string {
  return text.slice(text.indexOf(':') + 1 + Number.parseInt(text, 10) + 1);
}

describe('rxscgi request', () => {
  it('should send what a web server sends, and print the body alone', async () => {
    const { variables, bytes, lines, code } = await request([]);
    expect([...variables]).toEqual([
      ['CONTENT_LENGTH', '0'],
      ['SCGI', '1'],
      ['REQUEST_METHOD', 'GET'],
      ['REQUEST_URI', '/'],
      ['QUERY_STRING', ''],
      ['SERVER_PROTOCOL', 'HTTP/1.1'],
      ['HTTP_HOST', 'localhost'],
      ['HTTP_USER_AGENT', expect.stringMatching(/^rxscgi\/\d/)],
      ['HTTP_ACCEPT', '*/*'],
      ['GATEWAY_INTERFACE', 'CGI/1.1'],
      ['SERVER_SOFTWARE', expect.stringMatching(/^rxscgi\/\d/)],
      ['SERVER_NAME', 'localhost'],
      ['SERVER_PORT', '80'],
      ['REMOTE_ADDR', '127.0.0.1'],
      ['PATH_INFO', '/'],
    ]);
    expect({ bytes, lines, code }).toEqual({ bytes: 'ok', lines: [], code: 0 });
  });

  it.each<[args: string[], variables: Record<string, string | undefined>]>([
    [
      ['/a?b=c&d#e'],
      { REQUEST_METHOD: 'GET', REQUEST_URI: '/a?b=c&d', QUERY_STRING: 'b=c&d', PATH_INFO: '/a' },
    ],
    [['PURGE', '/a'], { REQUEST_METHOD: 'PURGE', REQUEST_URI: '/a' }],
    [['OPTIONS', '*'], { REQUEST_URI: '*', PATH_INFO: undefined }],
    [['/a b/\u010d'], { REQUEST_URI: '/a%20b/%C4%8D', PATH_INFO: '/a b/\u00c4\u008d' }],
    [['/%00%2e'], { REQUEST_URI: '/%00%2e', PATH_INFO: '/%00.' }],
    [['/RPC2/x?y', '--mount', '/RPC2'], { SCRIPT_NAME: '/RPC2', PATH_INFO: '/x', REQUEST_URI: '/RPC2/x?y' }],
    [['/RPC2', '--mount', '/RPC2'], { SCRIPT_NAME: '/RPC2', PATH_INFO: undefined }],
    [
      ['-H', 'host: shop.example:8080'],
      { HTTP_HOST: 'shop.example:8080', SERVER_NAME: 'shop.example', SERVER_PORT: '8080' },
    ],
    [['-H', 'Host: [::1]:81'], { SERVER_NAME: '[::1]', SERVER_PORT: '81' }],
    [
      ['-H', 'Accept:', '-H', 'Host:'],
      { HTTP_ACCEPT: undefined, HTTP_HOST: undefined, SERVER_NAME: 'localhost' },
    ],
    [['-H', 'X-A: 1', '-H', 'x-a:2', '-H', 'X-B:a:b'], { HTTP_X_A: '1, 2', HTTP_X_B: 'a:b' }],
    [['-H', 'X-A: \u010d'], { HTTP_X_A: '\u00c4\u008d' }],
    [
      ['-V', 'REMOTE_ADDR=192.0.2.7', '-V', 'X=', '-V', 'A=b=c'],
      { REMOTE_ADDR: '192.0.2.7', X: '', A: 'b=c' },
    ],
    [['-V', 'QUERY_STRING', '-V', 'PATH_INFO'], { QUERY_STRING: undefined, PATH_INFO: undefined }],
    [['--json'], { HTTP_ACCEPT: 'application/json', CONTENT_TYPE: undefined, REQUEST_METHOD: 'GET' }],
    [
      ['-d', 'a=b'],
      { REQUEST_METHOD: 'POST', CONTENT_TYPE: 'application/x-www-form-urlencoded', CONTENT_LENGTH: '3' },
    ],
    [['-d', ''], { REQUEST_METHOD: 'POST', CONTENT_LENGTH: '0' }],
    [['PUT', '/', '--json', '-d', '{}'], { REQUEST_METHOD: 'PUT', CONTENT_TYPE: 'application/json' }],
    [['-d', 'x', '-H', 'content-type: text/xml'], { CONTENT_TYPE: 'text/xml' }],
    [['-d', 'x', '-H', 'Content-Type:'], { CONTENT_TYPE: undefined }],
  ])('should send for %j the variables %j', async (args, expected) => {
    const { variables, code } = await request(args);
    for (const [name, value] of Object.entries(expected))
      expect([name, variables.get(name)]).toEqual([name, value]);
    expect(code).toBe(0);
  });

  it('should send text as UTF-8, and a file as it is', async () => {
    expect((await request(['-d', '\u010d\n'])).sent).toBe('\u00c4\u008d\n');
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, Buffer.from([0, 10, 13, 255]));
    expect((await request(['-d', `@${path}`])).sent).toBe('\0\n\r\u00ff');
    writeFileSync(path, '');
    expect((await request(['-d', `@${path}`])).variables.get('CONTENT_LENGTH')).toBe('0');
    expect((await request(['-d', '@/proc/self/comm'])).sent).toMatch(/.\n$/);
  });

  it('should print the head as it came, and any bytes of the body', async () => {
    const response = 'X-A:  b\nStatus: 404 None\r\n\r\n\0\u00ff\r\n';
    const { bytes, code } = await request(['-i'], (connection) => connection.respond(response));
    expect({ bytes, code }).toEqual({ bytes: response, code: 0 });
  });

  it('should expect no body in the answer to HEAD', async () => {
    const { code, bytes } = await request(['HEAD', '/'], (connection) =>
      connection.respond('Status: 200 OK\r\nContent-Length: 5\r\n\r\n'),
    );
    expect({ code, bytes }).toEqual({ code: 0, bytes: '' });
  });

  it('should show what goes over the wire, with what does not print escaped', async () => {
    const variables = [
      'QUERY_STRING',
      'SERVER_PROTOCOL',
      'GATEWAY_INTERFACE',
      'SERVER_SOFTWARE',
      'SERVER_NAME',
    ];
    const removed = [
      ...variables,
      'SERVER_PORT',
      'REMOTE_ADDR',
      'PATH_INFO',
      'REQUEST_URI',
      'HTTP_USER_AGENT',
    ];
    const args = [...removed, 'X=a\n\u001b[2J"\\'].flatMap((each) => ['-V', each]);
    const headers = ['Host:', 'Accept:', 'Content-Type:'].flatMap((each) => ['-H', each]);
    const { lines, bytes } = await request(['-v', '-d', 'a\0b', ...args, ...headers], async (connection) => {
      connection.write('Status: 200 OK\r\nX-A: \u00ff\n');
      connection.respond('\nok');
    });
    expect(lines).toEqual([
      '> 55:',
      '> CONTENT_LENGTH=3',
      '> SCGI=1',
      '> REQUEST_METHOD=POST',
      '> X=a\\x0a\\x1b[2J"\\\\',
      '> ,',
      '> (3 bytes of body)',
      '< Status: 200 OK',
      '< X-A: \\xff',
      '<',
      '< (2 bytes of body)',
    ]);
    expect(bytes).toBe('ok');
  });

  it('should show what came of a response that fails', async () => {
    const { lines, code } = await request(['-v'], (connection) => connection.respond('Status: 200 OK\nX-A'));
    expect(lines.slice(-2)).toEqual(['< Status: 200 OK', '< X-A']);
    expect(code).toBe(7);
  });

  it.each<[failure: string, code: number, args: string[], answer: (connection: FakeConnection) => unknown]>([
    ['what is no response', 5, [], (connection) => connection.respond('hello\n')],
    [
      'a head that is too long',
      5,
      ['--max-response-head-bytes', '9'],
      (connection) => connection.respond('X-A: abcdef\n\n'),
    ],
    ['an end without a response', 6, [], (connection) => connection.respond('')],
    ['a response that is cut', 7, [], (connection) => connection.respond('Content-Length: 3\n\nok')],
    [
      'a reset',
      7,
      [],
      (connection) => (
        connection.write('X-A: b\n\nok'),
        connection.socket.once('drain', () => undefined),
        setImmediate(() => connection.reset())
      ),
    ],
  ])('should report %s with the exit code %d', async (_failure, code, args, answer) => {
    const ended = await request(args, answer);
    expect(ended.code).toBe(code);
    expect(ended.message).not.toBe('');
  });

  it.each([
    ['no head', '', '--headers-timeout-ms'],
    ['no end', 'X-A: b\n\nok', '--body-timeout-ms'],
    ['no end, by the total', 'X-A: b\n\nok', '--timeout-ms'],
  ])('should report %s in time with 4, and name the flag', async (_failure, text, flag) => {
    const address = await listening(
      createServer((socket) => socket.on('error', () => undefined).write(text)),
    );
    const { code, message } = await runInProcess(['request', address, flag, '20']);
    expect(message).toContain(flag);
    expect(code).toBe(4);
  });

  it('should report a connection that cannot be made with 3', async () => {
    const server = createServer();
    const address = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await runInProcess(['request', address])).toMatchObject({ code: 3, lines: [] });
  });

  it.each([
    [['127.0.0.1']],
    [['fd:3']],
    [['127.0.0.1:1', 'G T']],
    [['127.0.0.1:1', 'GET', 'http://localhost/']],
    [['127.0.0.1:1', 'GET', '/', 'more']],
    [['127.0.0.1:1', '-H', 'X']],
    [['127.0.0.1:1', '-H', ': x']],
    [['127.0.0.1:1', '-V', '=x']],
    [['127.0.0.1:1', '/other', '--mount', '/RPC2']],
    [['127.0.0.1:1', '/RPC2x', '--mount', '/RPC2']],
    [['127.0.0.1:1', '/RPC2/../x', '--mount', '/RPC2']],
    [['127.0.0.1:1', '--mount', 'RPC2']],
    [['127.0.0.1:1', '-d', 'a', '-d', 'b']],
    [['127.0.0.1:1', '-d', '@/none/of it']],
    [['127.0.0.1:1', '-d', '@/tmp']],
    [['127.0.0.1:1', '-d', '@/dev/zero']],
    [['127.0.0.1:1', '--content-length', '1e3', '-d', 'x']],
    [['127.0.0.1:1', 'PUT', '/file', '--content-length', '5']],
    [['127.0.0.1:1', '--timeout-ms', '2147483648']],
    [['127.0.0.1:1', '--connect-timeout-ms', '-1']],
    [['127.0.0.1:1', '--max-response-head-bytes', '0']],
    [['127.0.0.1:1', '--timeout', '5']],
    [[]],
  ])('should refuse %j with 2', async (args) => {
    expect(await runInProcess(['request', ...args])).toMatchObject({ code: 2, lines: [], bytes: '' });
  });

  it.each([
    ['a variable twice', ['-V', 'X=1', '-V', 'X=2']],
    ['another version', ['-V', 'SCGI=2']],
    ['a length that is not the body', ['-d', 'abc', '--content-length', '2']],
  ])('should refuse to send %s, with 2', async (_what, args) => {
    const application = await FakeApplication.start();
    const accepted = application.accept();
    const ended = await runInProcess(['request', application.address, ...args]);
    expect(ended.code).toBe(2);
    const connection = await accepted;
    await connection.ending();
    expect(connection.text).toBe('');
  });

  it('should have the exit codes of docs/reference/command-line.md', () => {
    const [, page = ''] = readPage('docs/reference/command-line.md').split('## `rxscgi request`');
    const [section = ''] = page.split('## `rxscgi ping`');
    const documented = [...section.matchAll(/^\| (\d+) /gm)].map(([, code]) => code);
    const told = [...CALL_EXIT_CODE_HELP.matchAll(/^ {2}(\d+) /gm)].map(([, code]) => code);
    expect(told).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '130']);
    expect(documented).toEqual(told);
  });

  it('should have flags with the defaults of scgiRequest', () => {
    const { connectMs, headersMs, bodyMs } = verifyCallInit('scgiRequest', {});
    const told = [...CALL_TIME_FLAGS, HEAD_FLAG].map(({ help }) =>
      Number(/\(default (\d+)\)$/.exec(help)?.[1]),
    );
    expect(told).toEqual([connectMs, headersMs, bodyMs, 65_536]);
  });
});
