/** Headers that web servers send twice, and the CONTENT_LENGTH of nginx's subrequests. */
import { of } from 'rxjs';
import { describeEverySite } from '../../helpers/peers/web-servers/every-site.js';
import { ownGateway } from '../../helpers/peers/web-servers/own-gateway.js';
import { lighttpd } from '../../helpers/peers/web-servers/lighttpd.js';
import { nginx } from '../../helpers/peers/web-servers/nginx.js';

describe('nginx that sets parameters again after its scgi_params', () => {
  const again = ['scgi_param HTTP_HOST $http_host;', 'scgi_param REMOTE_ADDR $http_x_real_ip;'];

  describeEverySite({ peers: [nginx], directives: () => again }, (site) => {
    it('should reach the application with the parameters that were set last', async () => {
      site.app.handler = ({ headers, remoteAddress, url }) =>
        of({ body: JSON.stringify([headers.get('host'), remoteAddress, url.href]) });
      const reply = await site.call('/a', {
        headers: { Host: 'shop.example:8443', 'X-Real-IP': '192.0.2.7' },
      });
      expect(JSON.parse(reply.text)).toEqual([
        'shop.example:8443',
        '192.0.2.7',
        'http://shop.example:8443/a',
      ]);
    });
  });
});

describe('nginx that sets CONTENT_LENGTH again', () => {
  const directives = () => ['scgi_param CONTENT_LENGTH $content_length;'];
  describeEverySite({ peers: [nginx], directives }, (site) => {
    it('should reach the application when the two values are equal', async () => {
      site.app.handler = ({ contentLength }) => of({ body: `${contentLength}` });
      expect(await site.call('/', { upload: 1000 })).toMatchObject({ status: 200, text: '1000' });
    });
  });
});

describe('lighttpd with setenv.add-environment', () => {
  const directives = () => [
    'server.modules += ( "mod_setenv" )',
    'setenv.add-environment = ( "REMOTE_ADDR" => "192.0.2.7", "SERVER_NAME" => "shop.example", "APP_MODE" => "live" )',
  ];

  describeEverySite({ peers: [lighttpd], directives }, (site) => {
    it('should reach the application, with one value for each name', async () => {
      site.app.handler = ({ variables }) =>
        of({ body: ['REMOTE_ADDR', 'SERVER_NAME', 'APP_MODE'].map((name) => variables.get(name)).join(' ') });
      const reply = await site.call('/');
      expect(reply).toMatchObject({ status: 200 });
      expect(reply.text).toBe('192.0.2.7 shop.example live');
    });
  });
});

describe('header lines that a client sends twice', () => {
  describeEverySite({ peers: [nginx, ownGateway] }, (site) => {
    it('should be one list when the field is a list, and the last one when it is not', async () => {
      site.app.handler = ({ headers }) =>
        of({
          body: JSON.stringify(
            ['accept', 'x-forwarded-for', 'user-agent', 'referer'].map((name) => headers.get(name)),
          ),
        });
      const reply = await site.call('/', {
        headers: [
          ...['Accept', 'text/html', 'Accept', 'text/plain', 'X-Forwarded-For', '192.0.2.1'],
          ...[
            'X-Forwarded-For',
            '192.0.2.2',
            'User-Agent',
            'one',
            'User-Agent',
            'two',
            'Referer',
            'http://a/',
            'Referer',
            'http://b/',
          ],
        ],
      });
      expect(reply.status).toBe(200);
      expect(JSON.parse(reply.text)).toEqual([
        'text/html, text/plain',
        '192.0.2.1, 192.0.2.2',
        'two',
        'http://b/',
      ]);
    });
  });
});

describe('nginx with auth_request, for a POST', () => {
  const inLocation = (cures: string) => (_peer: unknown, target: string) => [
    'auth_request /auth;',
    `location = /auth { include /etc/nginx/scgi_params; scgi_pass ${target}; ${cures} }`,
  ];
  const post = { upload: 1000 };

  describeEverySite({ peers: [nginx], directives: inLocation('') }, (site) => {
    it('should have the subrequest refused by name', async () => {
      site.app.respond({});
      const failure = site.app.next('failure');
      await site.call('/', post);
      expect((await failure).error).toMatchObject({ code: 'ERR_SCGI_CONTENT_LENGTH_MISMATCH' });
    });
  });

  const cures = 'scgi_pass_request_body off; scgi_param HTTP_CONTENT_LENGTH "";';
  describeEverySite({ peers: [nginx], directives: inLocation(cures) }, (site) => {
    it('should work with what the error message advises', async () => {
      site.app.handler = ({ path, contentLength }) => of({ body: `${path} ${contentLength}` });
      expect(await site.call('/', post)).toMatchObject({ status: 200, text: '/ 1000' });
    });
  });
});
