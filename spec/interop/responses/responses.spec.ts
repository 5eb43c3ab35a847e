/** Each kind of response, as a browser receives it through a real web server. */
import { of, throwError } from 'rxjs';
import { localRedirect, type ScgiHandler } from '../../../lib/index.js';
import { describeEverySite } from '../../helpers/peers/web-servers/every-site.js';
import { ownGateway } from '../../helpers/peers/web-servers/own-gateway.js';

const SECRET = 'the password is swordfish';

const FAILING_HANDLERS: [string, ScgiHandler][] = [
  ['throws', () => { throw new Error(SECRET); }], // prettier-ignore
  ['errors', () => throwError(() => new Error(SECRET))],
  ['rejects', () => Promise.reject(new Error(SECRET))],
];

describe('responses', () => {
  describeEverySite({}, (site) => {
    it('should carry the status, the fields and the body of a document', async () => {
      site.app.respond({
        status: '404 No Such Cheese',
        headers: { 'Content-Type': 'text/html; charset=utf-8', 'X-Cheese': 'Venezuelan Beaver' },
        body: '<p>caf\u00e9</p>',
      });
      const reply = await site.call('/cheese');
      expect(reply).toMatchObject({
        status: 404,
        complete: true,
        headers: { 'content-type': 'text/html; charset=utf-8', 'x-cheese': 'Venezuelan Beaver' },
        text: Buffer.from('<p>caf\u00e9</p>').toString('latin1'),
      });
    });

    it('should carry several cookies as several fields', async () => {
      const cookies = [
        'theme=dark; Path=/',
        'lang=en; HttpOnly',
        'id=7; Expires=Wed, 21 Oct 2037 07:28:00 GMT',
      ];
      site.app.respond({ headers: { 'Set-Cookie': cookies }, body: 'ok' });
      const reply = await site.call('/');
      expect(reply.headers['set-cookie']).toEqual(cookies);
    });

    it('should carry a client redirect without a document', async () => {
      site.app.respond({ headers: { Location: 'https://example.org/next?a=b' } });
      const reply = await site.call('/');
      expect(reply).toMatchObject({ status: 302, complete: true });
      expect(reply.headers.location).toBe('https://example.org/next?a=b');
    });

    it('should carry a client redirect with a document', async () => {
      site.app.respond({
        status: 303,
        headers: { Location: 'https://example.org/next', 'Content-Type': 'text/html' },
        body: '<a href="https://example.org/next">next</a>',
      });
      const reply = await site.call('/', { method: 'POST', upload: 10 });
      expect(reply).toMatchObject({
        status: 303,
        complete: true,
        headers: { location: 'https://example.org/next', 'content-type': 'text/html' },
        text: '<a href="https://example.org/next">next</a>',
      });
    });

    it('should follow a local redirect behind Apache and our gateway, and send it to the client behind the others', async () => {
      site.app.handler = ({ variables }) => {
        // Apache leaves REQUEST_URI as the client sent it, and has the path in SCRIPT_NAME.
        const path = variables.get('PATH_INFO') ?? variables.get('SCRIPT_NAME');
        const redirected = variables.has('REDIRECT_URL') ? path : undefined;
        return of(redirected === undefined ? localRedirect('/new') : { body: `this is ${redirected}` });
      };
      const reply = await site.call('/old');
      if (['Apache', ownGateway.name].includes(site.peer.name)) {
        expect(reply).toMatchObject({ status: 200, text: 'this is /new' });
      } else {
        expect(reply).toMatchObject({ status: 302, headers: { location: '/new' } });
      }
    });

    it.each(FAILING_HANDLERS)(
      'should answer 500 and leak nothing when the handler %s',
      async (_, handler) => {
        site.app.handler = handler;
        const failure = site.app.next('failure');
        const reply = await site.call('/');
        expect(reply).toMatchObject({ status: 500, complete: true });
        expect(JSON.stringify(reply)).not.toMatch(/swordfish|\.ts/);
        expect((await failure).error).toMatchObject({ message: SECRET });
      },
    );
  });
});
