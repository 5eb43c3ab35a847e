/** What goes over the wire, byte by byte: heads and small bodies are written as text, of which each character is a byte. */
import { Socket } from 'node:net';
import { of } from 'rxjs';
import type { ScgiResponse } from '../../../lib/index.js';
import { requestBytes } from '../../../lib/testing/index.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { cleanUpSockets } from '../../helpers/sockets/sockets.js';
import { TestServer } from '../../helpers/sockets/test-server.js';

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const UTF_8 = 'ä € 😀 \0\r\n';

expectNoProcessFaults();
cleanUpSockets();

describe('the bytes that serveScgi writes', () => {
  it.each<[string, Uint8Array | string]>([
    ['no body', ''],
    ['ASCII', 'hello\0\r\n'],
    ['other text', UTF_8],
    ['text that is not looked at', `${'x'.repeat(2000)}ä`],
    ['text that is larger than what goes out with a head', UTF_8.repeat(5000)],
    ['bytes', EVERY_BYTE],
    ['a view of bytes', EVERY_BYTE.subarray(100, 200)],
    ['bytes that are larger than what goes out with a head', new Uint8Array(100_000).fill(0xe9)],
  ])('should be those of the head and of %s, at hand or streamed', async (_name, body) => {
    const bytes = Buffer.from(body);
    const length = `Content-Length: ${bytes.length}\r\n`;
    const headers = { 'X-Name': '\xe9\xff' };
    for (const streamed of [false, true]) {
      const response = { headers, body: streamed ? [body] : body };
      const { text, bytesOut } = await answer(response);
      expect(text).toBe(
        `Status: 200 OK\r\nX-Name: \xe9\xff\r\n${streamed ? '' : length}\r\n${bytes.toString('latin1')}`,
      );
      expect(bytesOut).toBe(text.length);
    }
  });
});

it('should be written by serveScgi as one text where the response is small', async () => {
  const write = jest.spyOn(Socket.prototype, 'write');
  for (const body of ['hello', EVERY_BYTE]) {
    write.mockClear();
    const { text } = await answer({ body });
    expect(write.mock.calls.map(([data]) => data).filter((data) => typeof data === 'string')).toEqual([text]);
  }
  write.mockRestore();
});

/** What a gateway gets, as ISO-8859-1, and how much the server says that it has sent. */
async function answer(response: ScgiResponse): Promise<{ text: string; bytesOut: number }> {
  const server = new TestServer(() => of(response));
  const gateway = await server.connect();
  gateway.write(requestBytes());
  const text = await gateway.response();
  return { text, bytesOut: (await server.event('response')).bytesOut };
}
