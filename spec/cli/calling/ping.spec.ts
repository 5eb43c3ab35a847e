/** `rxscgi ping`: what is healthy. */
import { createServer } from 'node:net';
import { runInProcess } from '../../helpers/command/in-process.js';
import { FakeApplication, type FakeConnection } from '../../helpers/sockets/outgoing/fake-application.js';
import { cleanUpSockets, listening } from '../../helpers/sockets/sockets.js';

cleanUpSockets();

async function ping(
  args: readonly string[],
  answer: (connection: FakeConnection) => unknown,
): Promise<{ code: number; lines: readonly string[]; variables: Map<string, string> }> {
  const application = await FakeApplication.start();
  const accepted = application.accept();
  const ended = runInProcess(['ping', application.address, ...args]);
  const connection = await accepted;
  const variables = new Map(await connection.variables());
  answer(connection);
  const { code, lines } = await ended;
  return { code, lines, variables };
}

const status = (text: string) => (connection: FakeConnection) => connection.respond(`Status: ${text}\n\n`);

describe('rxscgi ping', () => {
  it.each<[code: number, what: string, args: string[], answer: (connection: FakeConnection) => unknown]>([
    [0, '200', [], status('200 OK')],
    [0, '499', [], status('499')],
    [0, '204 as expected', ['--expect', '204'], status('204')],
    [0, '302 as expected', ['--expect', '3xx'], status('302')],
    [0, '503 as expected', ['--expect', '503'], status('503')],
    [1, '500', [], status('500')],
    [1, '404 unexpected', ['--expect', '2xx'], status('404')],
    [1, '200 unexpected', ['--expect', '204'], status('200')],
    [1, 'a body that is cut', [], (connection) => connection.respond('Content-Length: 3\n\nok')],
    [1, 'no response', [], (connection) => connection.respond('')],
    [1, 'what is no response', [], (connection) => connection.respond('hello\n')],
  ])('should exit with %d for %s', async (code, _what, args, answer) => {
    const ended = await ping(args, answer);
    expect(ended.code).toBe(code);
    expect(ended.lines).toHaveLength(code === 0 ? 1 : 0);
  });

  it('should ask for what the flags say', async () => {
    const args = ['--uri', '/health?deep', '--method', 'HEAD', '-H', 'Host: shop.example', '-V', 'X=y'];
    const { variables } = await ping(args, status('200'));
    expect(Object.fromEntries(variables)).toMatchObject({
      REQUEST_METHOD: 'HEAD',
      REQUEST_URI: '/health?deep',
      HTTP_HOST: 'shop.example',
      X: 'y',
    });
  });

  it('should send a body, as rTorrent wants one', async () => {
    const { variables } = await ping(['-d', '<x/>', '-H', 'content-type: text/xml'], status('200'));
    expect(Object.fromEntries(variables)).toMatchObject({
      REQUEST_METHOD: 'POST',
      CONTENT_TYPE: 'text/xml',
      CONTENT_LENGTH: '4',
    });
  });

  it.each([
    [[]],
    [['127.0.0.1:1', '-d', 'a', '-d', 'b']],
    [['127.0.0.1:1', '-d', '@/none']],
    [['127.0.0.1:1', '-d', '@/dev/zero']],
    [['127.0.0.1:1', 'more']],
    [['127.0.0.1:1', '--expect', 'ok']],
    [['127.0.0.1:1', '--expect', '1xx']],
    [['127.0.0.1:1', '--uri', 'health']],
    [['127.0.0.1:1', '--timeout-ms', 'x']],
    [['127.0.0.1:1', '--timeout', '1s']],
    [['127.0.0.1:1', '--timeout', '0']],
    [['systemd']],
  ])('should refuse %j with 2', async (args) => {
    expect(await runInProcess(['ping', ...args])).toMatchObject({ code: 2, lines: [] });
  });

  it.each([
    ['', '--timeout-ms'],
    ['X-A: b\n\nok', '--timeout-ms'],
    ['', '--timeout'],
  ])('should exit with 1 when %j is not a complete response in time, with %s', async (text, flag) => {
    const address = await listening(
      createServer((socket) => socket.on('error', () => undefined).write(text)),
    );
    const { code, message } = await runInProcess(['ping', address, flag, '20']);
    expect(message).toContain('--timeout-ms');
    expect(code).toBe(1);
  });

  it('should exit with 2 when the request cannot be sent', async () => {
    const { address } = await FakeApplication.start();
    expect((await runInProcess(['ping', address, '-V', 'X=1', '-V', 'X=2'])).code).toBe(2);
  });

  it('should exit with 1 when nobody listens', async () => {
    expect(await runInProcess(['ping', 'unix:/none/app.sock'])).toMatchObject({ code: 1, lines: [] });
  });
});
