/** Calls of a Python application in uWSGI, which answers as CGI and, on its other socket, as NPH. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { firstValueFrom, map, mergeMap, reduce } from 'rxjs';
import { scgiFetch, scgiRequest, type ScgiCallInit } from '../../../lib/node/index.js';
import { startApplication, type Application } from '../../helpers/applications/application.js';
import { describeWith } from '../../helpers/describe-with.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { call, wholePattern } from '../../helpers/peers/clients/http-client.js';
import { ownGateway } from '../../helpers/peers/web-servers/own-gateway.js';
import { pattern, patternDigest } from '../../helpers/peers/clients/pattern.js';

expectNoProcessFaults();

const APPLICATION = join(__dirname, '../../helpers/applications/programs/wsgi_echo.py');
const LENGTH = 50_000_000;

describeWith(['uwsgi'], 'uWSGI', () => {
  let uwsgi: Application;

  beforeAll(async () => {
    uwsgi = await startApplication('uwsgi', 'TCP', async ({ folder, address }) => [
      ...['--plugins', 'python3', '--wsgi-file', APPLICATION, '--need-app'],
      ...['--scgi-socket', address, '--scgi-nph-socket', join(folder, 'nph')],
      ...['--disable-logging', '--die-on-term', '--logto', join(folder, 'error.log')],
    ]);
  });
  afterAll(() => uwsgi.stop());

  describe.each([
    ['--scgi-socket, over TCP', () => uwsgi.target],
    ['--scgi-nph-socket, over a Unix socket', () => `unix:${join(uwsgi.folder, 'nph')}`],
  ])('by %s', (_name, target) => {
    const get = (uri: string, init?: ScgiCallInit) =>
      scgiRequest(target(), { uri, variables: { PATH_INFO: uri }, ...init });

    it('should receive the variables', async () => {
      const variables$ = get('/hello', { headers: { 'X-A': 'b' } }).pipe(
        mergeMap((response) => response.json()),
      );
      expect(await firstValueFrom(variables$)).toMatchObject({
        REQUEST_METHOD: 'GET',
        REQUEST_URI: '/hello',
        QUERY_STRING: '',
        HTTP_X_A: 'b',
      });
    });

    it('should give status, reason, fields and body', async () => {
      const response$ = get('/declared').pipe(
        mergeMap((response) => response.text().pipe(map((text) => ({ response, text })))),
      );
      const { response, text } = await firstValueFrom(response$);
      expect([response.status, response.statusText, text]).toEqual([404, 'Not There', 'no']);
      expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    });

    it('should stream 50 MB both ways, by scgiRequest', async () => {
      const init = { method: 'POST', body: pattern(LENGTH), contentLength: LENGTH };
      const hash$ = get('/echo', init).pipe(
        mergeMap(({ body }) => body.pipe(reduce((hash, chunk) => hash.update(chunk), createHash('sha256')))),
      );
      expect((await firstValueFrom(hash$)).digest('hex')).toBe(patternDigest(LENGTH));
    });

    it('should stream 50 MB both ways, by scgiFetch', async () => {
      const chunks = pattern(LENGTH);
      const body = new ReadableStream<Uint8Array>({
        pull: (out) => {
          const { done, value } = chunks.next();
          if (done) out.close();
          else out.enqueue(value);
        },
      });
      const headers = { 'Content-Length': String(LENGTH) };
      const init = { method: 'POST', body, duplex: 'half', headers } as RequestInit;
      const response = await scgiFetch(target())('/echo', init);
      const hash = createHash('sha256');
      for await (const chunk of response.body!) hash.update(chunk);
      expect(hash.digest('hex')).toBe(patternDigest(LENGTH));
    });

    it('should give status, reason, fields and body through a gateway, and stream 50 MB both ways', async () => {
      const gateway = await ownGateway.start({ target: target() });
      const declared = await call(`${gateway.url}/declared`);
      expect(declared).toMatchObject({ status: 404, complete: true, text: 'no' });
      expect(declared.headers['set-cookie']).toEqual(['a=1', 'b=2']);
      expect(await call(`${gateway.url}/echo`, { upload: LENGTH })).toMatchObject(wholePattern(LENGTH));
      await gateway.stop();
    });
  });
});
