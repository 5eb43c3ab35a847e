/** `rxscgi serve` in a process that runs out of descriptors, which its application has opened. */
import { existsSync } from 'node:fs';
import { requestBytes } from '../../../lib/testing/index.js';
import { Command, useBuiltCommand } from '../../helpers/command/command.js';
import { exchange } from '../../helpers/sockets/exchange.js';
import { TestGateway, cleanUpSockets } from '../../helpers/sockets/sockets.js';

useBuiltCommand();
cleanUpSockets();

const REPORT =
  /ERR_SCGI_TOO_MANY_CONNECTIONS: connections are refused: the process has \d+ of 100 files open, /;

class Hungry extends Command {
  constructor() {
    super(['serve', 'faults/descriptors.mjs', '--listen', '127.0.0.1:0'], {
      // One file is inherited from above the limit: it takes nothing of it.
      launcher: ['bash', '-c', 'exec 150</dev/null; ulimit -n 100; exec "$0" "$@"'],
    });
  }

  /** Lets the application close what it has opened. */
  async close(): Promise<void> {
    this.kill('SIGUSR2');
    await this.stdout.value((line) => line === 'closed');
  }
}

/** Asks until the connection is reset, or is not: a count of open files is good for a moment. */
async function ask(address: string, until: 'reset' | 'answered'): Promise<void> {
  for (;;) {
    const answer = await exchange(address).catch(String);
    if (answer === '200 served') {
      if (until === 'answered') return;
    } else {
      expect(answer).toMatch(/ECONNRESET|EPIPE/);
      if (until === 'reset') return;
    }
  }
}

// Elsewhere the system does not tell how many files are open.
const describeOnLinux = existsSync('/proc/self/fd') ? describe : describe.skip;

describeOnLinux('rxscgi serve without descriptors', () => {
  it('should report it when no descriptor is left for a connection, and serve again when there is one', async () => {
    const command = new Hungry();
    const address = await command.address();
    // Its response goes on, as with its connection a descriptor would come free.
    const held = await TestGateway.connect(address);
    held.write(requestBytes({ uri: '/keep' }));
    await held.received((text) => text.endsWith('taken'));
    expect(await command.stderr.value((line) => REPORT.test(line))).toContain(' 100 of 100 files open');
    await command.close();
    await ask(address, 'answered');
  });

  it('should refuse connections, and report it, before no descriptor is left, and serve again later', async () => {
    const command = new Hungry();
    const address = await command.address();
    const body = 'all of it';
    const held = await TestGateway.connect(address);
    held.write(requestBytes({ method: 'POST', uri: '/text', body }).subarray(0, -body.length));
    expect(await exchange(address, { uri: '/take?10' })).toBe('200 taken');
    await ask(address, 'reset');
    await command.stderr.value((line) => REPORT.test(line));
    held.write(body);
    expect(await held.response()).toMatch(/got all of it$/);
    held.end();
    await command.close();
    await ask(address, 'answered');
  });
});
