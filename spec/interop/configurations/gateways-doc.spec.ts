/** Compares the pages of the web servers with the configurations that the other interop specs run. */
import { WEB_SERVERS } from '../../helpers/peers/web-servers/every-site.js';
import { readPage } from '../../helpers/docs/snippets.js';

describe.each(WEB_SERVERS)('docs/ on $name', (peer) => {
  const page = readPage(`docs/recipes/${peer.name.toLowerCase()}.md`);

  it.each(['127.0.0.1:4000', 'unix:/run/app/app.sock'])(
    'should show the configuration that forwards to %s',
    (target) => {
      const site = peer.site({ port: 8080, target });
      expect(page).toContain(`\`\`\`${peer.name.toLowerCase()}\n${site}\`\`\``);
    },
  );

  it('should show the lines that pass bodies on as they come', () => {
    for (const line of [...peer.responseDirectives, ...peer.requestDirectives]) expect(page).toContain(line);
  });
});
