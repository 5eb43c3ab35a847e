/** An upload that Apache inflates, and announces with its compressed length. protocol.md §3.17. */
import { gzipSync } from 'node:zlib';
import { map, reduce } from 'rxjs';
import { apache } from '../helpers/peers/apache.js';
import { describeEverySite } from '../helpers/peers/every-site.js';
import { rawExchange } from '../helpers/peers/raw-exchange.js';

jest.setTimeout(30_000);

const directives = () => [
  'LoadModule deflate_module /usr/lib/apache2/modules/mod_deflate.so',
  '<Location "/">',
  '  SetInputFilter DEFLATE',
  '</Location>',
];

describe('Apache that inflates an upload', () => {
  describeEverySite({ peers: [apache], directives }, (site) => {
    it.each([1000, 1_000_000])(
      'should have the surplus reported, and the response stand, of %i bytes',
      async (size) => {
        site.app.handler = ({ body }) =>
          body.pipe(
            reduce((bytes, chunk) => bytes + chunk.length, 0),
            map((bytes) => ({ body: `${bytes} bytes` })),
          );
        // Apache refuses what inflates to more than 200 times its size.
        const upload = gzipSync(Array.from({ length: size / 4 }, (_, index) => index % 1000).join('\n'));
        const failure = site.app.next('failure');
        const head = `POST / HTTP/1.0\r\nContent-Encoding: gzip\r\nContent-Length: ${upload.length}\r\n\r\n`;
        const reply = await rawExchange(
          new URL(site.url('/')).host,
          Buffer.concat([Buffer.from(head), upload]),
        );
        expect(reply.text).toMatch(/^HTTP\/1\.[01] 200 /);
        expect(reply.text).toMatch(new RegExp(`\\r\\n\\r\\n${upload.length} bytes$`));
        expect((await failure).error).toMatchObject({ code: 'ERR_SCGI_BODY_SURPLUS' });
      },
    );
  });
});
