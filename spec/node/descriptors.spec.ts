/** What becomes of connections when the process has no descriptors left for them. */
import { NEVER } from 'rxjs';
import { expectNoProcessFaults } from '../helpers/faults/process-faults.js';
import { cleanUpSockets } from '../helpers/sockets/sockets.js';
import { TestServer } from '../helpers/sockets/test-server.js';

jest.mock('../../lib/system/serving/descriptor-budget.js', () => ({
  DescriptorBudget: class {
    readonly limit = 36;
    readonly open = 5;
    hasRoom = (connections: number): boolean => connections < 2;
  },
}));

expectNoProcessFaults();
cleanUpSockets();

describe('a server that comes near to the limit of open files', () => {
  it('should cut new connections before the system does so silently, and report why', async () => {
    const server = new TestServer(() => NEVER);
    await server.send();
    await server.send();
    await server.log.value(() => server.types.filter((type) => type === 'request').length === 2);
    const ending = server.connect().then(
      (third) => third.ending(),
      // The reset may come with the connection itself.
      (error: unknown) => (error as NodeJS.ErrnoException).code,
    );
    expect(await ending).toBe('ECONNRESET');
    expect(await server.event('failure')).toMatchObject({
      error: { code: 'ERR_SCGI_TOO_MANY_CONNECTIONS', limit: 36, actual: 5 },
      request: undefined,
    });
  });
});
