/** Runs examples/backpressure with a small upload. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../helpers/command/build.js';
import { runCommand, useBuiltCommand } from '../helpers/command/command.js';
import { cleanUpSockets, temporaryFolder } from '../helpers/sockets/sockets.js';

useBuiltCommand();
cleanUpSockets();

describe('examples/backpressure', () => {
  it('should measure that pullMap holds little, concatMap much, and draw it', async () => {
    const file = join(temporaryFolder(), 'plot.svg');
    const main = join(ROOT, 'examples/backpressure/measure.mjs');
    const { code, stdout } = await runCommand([file, '--mib', '8', '--ms-per-mib', '40'], { main });
    expect(code).toBe(0);
    const held = stdout.map((line) => /^(\w+): at most (\d+\.\d+) MiB held/.exec(line)?.slice(1) ?? []);
    expect(held.map(([name]) => name)).toEqual(['concatMap', 'pullMap']);
    const [concat, pull] = held.map(([, mib]) => Number(mib)) as [number, number];
    // The body's 64 KiB, and what was read before the socket was paused.
    expect(pull).toBeLessThan(1);
    expect(concat).toBeGreaterThan(2 * pull);
    const svg = readFileSync(file, 'utf8');
    expect(svg.match(/<polyline class="[ab]" points="[\d., ]+"\/>/g)).toHaveLength(2);
    expect(svg).toContain('prefers-color-scheme: dark');
  });
});
