/** nginx as Debian ships it: its own scgi_params, and the CONTENT_LENGTH of its unbuffered uploads. */
import { of } from 'rxjs';
import { describeEverySite } from '../helpers/peers/every-site.js';
import { answerDigest } from '../helpers/peers/handlers.js';
import { nginx } from '../helpers/peers/nginx.js';
import { MIB, patternDigest } from '../helpers/peers/pattern.js';

const UPLOAD = 20 * MIB;

jest.setTimeout(30_000);

describe('nginx with its stock scgi_params', () => {
  describeEverySite({ peers: [nginx] }, (site) => {
    it('should give path, query and URL, though it sends neither SCRIPT_NAME nor PATH_INFO', async () => {
      site.app.handler = ({ variables, path, query, url }) => {
        const pathVariables = ['SCRIPT_NAME', 'PATH_INFO', 'REQUEST_URI'].filter((name) =>
          variables.has(name),
        );
        return of({ body: JSON.stringify({ pathVariables, path, query, url: url.href }) });
      };
      const reply = await site.call('/a/b%2Fc?d=e', { headers: { Host: 'shop.example' } });
      expect(JSON.parse(reply.text)).toEqual({
        pathVariables: ['REQUEST_URI'],
        path: '/a/b%2Fc',
        query: 'd=e',
        url: 'http://shop.example/a/b%2Fc?d=e',
      });
    });
  });
});

describe('nginx with scgi_request_buffering off', () => {
  const unbuffered = { peers: [nginx], directives: () => ['scgi_request_buffering off;'] };

  describe('by default', () => {
    describeEverySite(unbuffered, (site) => {
      it('should refuse a large upload by name rather than truncate it', async () => {
        let calls = 0;
        site.app.handler = (request) => {
          calls++;
          return answerDigest(request);
        };
        const failure = site.app.next('failure');
        const reply = await site.call('/', { upload: UPLOAD });
        expect(reply).toMatchObject({ status: 400, complete: true });
        expect((await failure).error).toMatchObject({ code: 'ERR_SCGI_CONTENT_LENGTH_MISMATCH' });
        expect(calls).toBe(0);
      });
    });
  });

  describe('with lenientContentLength', () => {
    describeEverySite({ ...unbuffered, app: { lenientContentLength: true } }, (site) => {
      it('should take the whole upload', async () => {
        site.app.handler = answerDigest;
        const reply = await site.call('/', { upload: UPLOAD });
        expect(reply.status).toBe(200);
        expect(JSON.parse(reply.text)).toEqual({ bytes: UPLOAD, digest: patternDigest(UPLOAD) });
      });
    });
  });
});
