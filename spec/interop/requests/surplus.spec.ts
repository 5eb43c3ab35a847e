/** Uploads that Apache inflates, and announces with their compressed length. */
import { gzipSync } from 'node:zlib';
import { map, reduce } from 'rxjs';
import { apache } from '../../helpers/peers/web-servers/apache.js';
import { describeEverySite } from '../../helpers/peers/web-servers/every-site.js';

describe('an upload that Apache inflates', () => {
  describeEverySite({ peers: [apache], directives: () => ['SetInputFilter DEFLATE'] }, (site) => {
    it.each([1000, 1_000_000])(
      'should be cut to its compressed length, and reported, when it has %i bytes',
      async (size) => {
        site.app.handler = ({ body }) =>
          body.pipe(
            reduce((bytes, chunk) => bytes + chunk.length, 0),
            map((bytes) => ({ body: `${bytes} bytes` })),
          );
        // Apache refuses uploads that inflate to more than 200 times their size.
        const upload = gzipSync(Array.from({ length: size / 4 }, (_, index) => index % 1000).join('\n'));
        const failure = site.app.next('failure');
        const reply = await site.call('/', { headers: { 'Content-Encoding': 'gzip' }, body: upload });
        expect(reply).toMatchObject({ status: 200, complete: true, text: `${upload.length} bytes` });
        expect((await failure).error).toMatchObject({ code: 'ERR_SCGI_BODY_SURPLUS' });
      },
    );
  });
});
