/** Holds docs/gateways.md to the configurations that the interop specs run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PEERS } from '../helpers/peers/every-site.js';

const page = readFileSync(join(__dirname, '../../docs/gateways.md'), 'utf8');

describe.each(PEERS)('docs/gateways.md on $name', (peer) => {
  it.each(['127.0.0.1:4000', 'unix:/run/app/app.sock'])(
    'should show the site that forwards to %s',
    (target) => {
      const site = peer.site({ port: 8080, target });
      expect(page).toContain(`\`\`\`${peer.name.toLowerCase()}\n${site}\`\`\``);
    },
  );

  it('should show the lines that pass bodies on as they come', () => {
    for (const line of [...peer.responseDirectives, ...peer.requestDirectives]) expect(page).toContain(line);
  });
});
