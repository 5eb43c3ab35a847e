/** Answers that are ready long before the upload has ended, behind web servers that send the whole upload first. */
import { apache } from '../../helpers/peers/web-servers/apache.js';
import { describeEverySite } from '../../helpers/peers/web-servers/every-site.js';
import { ownGateway } from '../../helpers/peers/web-servers/own-gateway.js';
import { lighttpd } from '../../helpers/peers/web-servers/lighttpd.js';
import { MIB } from '../../helpers/peers/clients/pattern.js';

jest.setTimeout(60_000);

describe('early answers', () => {
  describe('to a slow upload', () => {
    describeEverySite({ peers: [apache, lighttpd, ownGateway], app: { lingerMs: 1500 } }, (site) => {
      it('should arrive when the upload takes three times as long as lingerMs', async () => {
        site.app.respond({ status: 401, headers: { 'WWW-Authenticate': 'Bearer' }, body: 'who are you?' });
        const reply = await site.call('/', { upload: 3 * MIB, blockEveryMs: 100 });
        expect(reply).toMatchObject({ status: 401, complete: true, text: 'who are you?' });
      });
    });
  });

  describe('to a large upload', () => {
    describeEverySite({ peers: [apache, lighttpd, ownGateway], app: { maxBodyBytes: MIB } }, (site) => {
      it('should arrive when the upload is larger than lingerBytes', async () => {
        const reply = await site.call('/', { upload: 80 * MIB });
        expect(reply).toMatchObject({ status: 413, complete: true });
      });
    });
  });
});
