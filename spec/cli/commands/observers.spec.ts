/** A module that throws into observers of each request, the diagnostics channel and the signal, behind the real command. */
import { Command, useBuiltCommand } from '../../helpers/command/command.js';
import { exchange } from '../../helpers/sockets/exchange.js';
import { cleanUpSockets } from '../../helpers/sockets/sockets.js';

useBuiltCommand();
cleanUpSockets();

const SERVE = ['serve', 'faults/throwing-observer.mjs', '--listen', '127.0.0.1:0'];

describe('a subscriber of the diagnostics channel, and a listener of the signal, that throw', () => {
  it.each([[SERVE], [[...SERVE, '--workers', '2']]])(
    'should be reported on stderr, and end nothing: %j',
    async (args) => {
      const command = new Command(args);
      const address = await command.address();
      for (let count = 0; count < 3; count++) expect(await exchange(address)).toBe('200 fine');
      command.kill('SIGTERM');
      const { code, stderr } = await command.end();
      const reports = stderr.filter((line) => /^Error: observer of (request|response)$/.test(line));
      expect(reports).toHaveLength(6);
      expect(stderr.filter((line) => line === 'Error: listener of the signal')).toHaveLength(3);
      expect(code).toBe(0);
    },
  );

  it('should not hide what is uncaught elsewhere, which ends the process', async () => {
    const command = new Command(SERVE);
    await exchange(await command.address(), { uri: '/uncaught' }).catch(() => undefined);
    const { code, stderr } = await command.end();
    expect(stderr).toContain('Error: uncaught elsewhere');
    expect(code).toBe(1);
  });
});
