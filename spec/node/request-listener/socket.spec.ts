/** What applications know of the socket of their request. */
import { answerOf } from '../../helpers/sockets/listener-server.js';
import { cleanUpSockets } from '../../helpers/sockets/sockets.js';

cleanUpSockets();

/** Properties of the request's socket. */
async function socketOf(variables: Record<string, string>): Promise<Record<string, unknown>> {
  let socket: Record<string, unknown> = {};
  await answerOf(
    (request, response) => {
      const { remoteAddress, remotePort, remoteFamily, localAddress, localPort, localFamily } =
        request.socket;
      const { encrypted } = request.socket as { encrypted?: boolean };
      const address = request.socket.address();
      socket = {
        remoteAddress,
        remotePort,
        remoteFamily,
        localAddress,
        localPort,
        localFamily,
        encrypted,
        address,
      };
      response.end();
    },
    { variables },
  );
  return socket;
}

describe('the socket of a listener', () => {
  it('should be that of the client', async () => {
    const variables = {
      ...{ REMOTE_ADDR: '2001:db8::1', REMOTE_PORT: '50000', SERVER_ADDR: '192.0.2.1', SERVER_PORT: '443' },
      HTTPS: 'on',
    };
    expect(await socketOf(variables)).toEqual({
      ...{ remoteAddress: '2001:db8::1', remotePort: 50_000, remoteFamily: 'IPv6' },
      ...{ localAddress: '192.0.2.1', localPort: 443, localFamily: 'IPv4', encrypted: true },
      address: { address: '192.0.2.1', port: 443, family: 'IPv4' },
    });
  });

  it('should be that of nobody for a client on a Unix socket', async () => {
    expect(await socketOf({ REMOTE_ADDR: 'unix:', REMOTE_PORT: 'x', HTTPS: 'off' })).toEqual({
      encrypted: false,
      address: {},
    });
  });

  it('should have the SCGI request', async () => {
    const { text } = await answerOf(
      (request, response) => {
        const { scgiRequest } = request.socket as unknown as {
          scgiRequest: { variables: Map<string, string> };
        };
        response.end(scgiRequest.variables.get('DOCUMENT_ROOT'));
      },
      { variables: { DOCUMENT_ROOT: '/srv/www' } },
    );
    expect(text).toBe('/srv/www');
  });

  it('should have the methods that applications call on sockets', async () => {
    const { text } = await answerOf(({ socket }, response) => {
      socket.setNoDelay(true).setKeepAlive(true).ref().unref().setTimeout(0);
      response.end('done');
    });
    expect(text).toBe('done');
  });
});
