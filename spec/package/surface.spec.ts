/**
 * The public surface is what spec/package/__snapshots__ says. A change of it, wanted or not, fails here first.
 *
 * When it is wanted: `npm run build && npx jest spec/package/surface -u`, and commit the file.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, requireBuild } from '../helpers/command/build.js';
import { PublicSurface } from '../helpers/public-surface.js';

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  exports: Record<string, unknown>;
};
const ENTRIES = Object.keys(manifest.exports).filter((name) => !name.endsWith('.json'));

describe('the public surface', () => {
  let surface: PublicSurface;
  beforeAll(() => {
    requireBuild();
    surface = new PublicSurface(ENTRIES);
  });

  it.each(ENTRIES)('should be kept: %s', (entry) => {
    expect(surface.of(entry)).toMatchSnapshot();
  });
});
