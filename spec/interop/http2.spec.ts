/** Responses over HTTP/2, where a character that HTTP/1.1 clients tolerate ends the stream. */
import { once } from 'node:events';
import { connect } from 'node:http2';
import { of } from 'rxjs';
import { apache } from '../helpers/peers/web-servers/apache.js';
import { describeEverySite } from '../helpers/peers/web-servers/every-site.js';
import { ownGatewayOverHttp2 } from '../helpers/peers/web-servers/own-gateway.js';
import { lighttpd } from '../helpers/peers/web-servers/lighttpd.js';
import { nginx } from '../helpers/peers/web-servers/nginx.js';
import { definePeer } from '../helpers/peers/web-servers/peer.js';

/** nginx with HTTP/2 on its port; lighttpd has it from the start. */
const nginxWithHttp2 = definePeer({
  ...nginx,
  site: (config) => nginx.site(config).replace(`:${config.port};`, `:${config.port} http2;`),
});

const directives = ({ name }: { readonly name: string }) =>
  name === 'Apache' ? ['Protocols h2c http/1.1'] : [];

/** Asks over HTTP/2 without TLS. @returns the status and the body. @throws when the stream ends with an error. */
async function callHttp2(url: string): Promise<string> {
  const session = connect(url);
  session.on('error', () => undefined);
  try {
    const stream = session.request({ ':path': '/' }).setEncoding('latin1');
    const head = once(stream, 'response') as Promise<[Record<string, unknown>]>;
    let text = '';
    const [[headers]] = await Promise.all([
      head,
      (async () => {
        for await (const chunk of stream as AsyncIterable<string>) text += chunk;
      })(),
    ]);
    return `${String(headers[':status'])} ${text}`;
  } finally {
    session.destroy();
  }
}

describe('HTTP/2', () => {
  describeEverySite(
    { peers: [nginxWithHttp2, apache, lighttpd, ownGatewayOverHttp2], directives },
    (site) => {
      it('should carry a response', async () => {
        site.app.respond({ headers: { 'X-Name': 'caf\u00e9\tau lait' }, body: 'fine' });
        expect(await callHttp2(site.url(''))).toBe('200 fine');
      });

      it.each([
        ['a value', { headers: { 'X-Name': 'a\u0001b' } }],
        ['a value, DEL', { headers: { 'X-Name': 'a\u007fb' } }],
        ['the reason phrase', { status: '200 a\u0001b' }],
      ])('should carry a 500 when there is a control character in %s', async (_, response) => {
        site.app.handler = () => of({ ...response, body: 'fine' });
        const failure = site.app.next('failure');
        expect(await callHttp2(site.url(''))).toBe('500 Internal Server Error\n');
        expect((await failure).error).toMatchObject({ code: 'ERR_SCGI_HEADER_INVALID' });
      });
    },
  );
});
