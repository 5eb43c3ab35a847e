/** Connections that wait for their turn, in virtual time. */
import { NEVER, map, of, timer } from 'rxjs';
import type { AnyScgiHandler } from '../../lib/index.js';
import { play } from '../helpers/virtual-time/server/virtual-server.js';

const NGINX = { variables: { DOCUMENT_URI: '/' } };

/** Answers after 1 s, by the path. */
const slow: AnyScgiHandler = ({ path }) => timer(1000).pipe(map(() => ({ body: path })));

const first = { does: '(cq) 1496ms F' };
const one = { maxConnections: 1, maxWaiting: 1 };

describe('connections that wait', () => {
  it('should be handled in their order, as places become free', () => {
    play({
      options: { maxConnections: 1 },
      handler: slow,
      gateways: [
        { request: { uri: '/1' }, does: '(cq) 996ms F' },
        { request: { uri: '/2' }, does: '(cq) 1996ms F' },
        { request: { uri: '/3' }, does: '(cq) 2996ms F' },
      ],
      events: '(lq) 996ms (sq) 996ms (sq) 996ms s',
      texts: [/\/1$/, /\/2$/, /\/3$/],
    });
  });

  it('should be answered 503 beyond maxWaiting, without being read', () => {
    play({
      options: one,
      handler: slow,
      gateways: [first, { does: '(cq)' }, { does: '9ms (cq)', sees: '9ms f 2190ms c' }],
      events: '(lq) 5ms f 990ms s 499ms q 999ms s',
      failures: [{ code: 'ERR_SCGI_TOO_MANY_CONNECTIONS', limit: 2, actual: 3 }],
      texts: [
        undefined,
        undefined,
        /^Status: 503 Service Unavailable\r\nContent-Type: text\/plain; charset=utf-8\r\nRetry-After: 1\r\nContent-Length: 20\r\n\r\nService Unavailable\n$/,
      ],
    });
  });

  it('should be answered 503 at once with a maxWaiting of 0', () => {
    play({
      options: { maxConnections: 1, maxWaiting: 0 },
      handler: slow,
      gateways: [first, { request: { body: 'x'.repeat(100_000) }, does: '9ms (cq)', sees: '9ms f 2190ms c' }],
      events: '(lq) 5ms f 990ms s',
      failures: [{ code: 'ERR_SCGI_TOO_MANY_CONNECTIONS', limit: 1, actual: 2 }],
      texts: [undefined, /^Status: 503 /],
    });
  });

  it('should be reported once a second when many are refused', () => {
    const refused = [9, 10, 500, 1008, 1009, 1010].map((ms) => ({ does: `${ms}ms (cq) 6ms F` }));
    const failure = { code: 'ERR_SCGI_TOO_MANY_CONNECTIONS', limit: 1, actual: 2 };
    play({
      options: { maxConnections: 1, maxWaiting: 0 },
      handler: () => NEVER,
      gateways: [{ does: '(cq)' }, ...refused],
      events: '(lq) 5ms f 999ms f',
      failures: [failure, failure],
    });
  });

  it('should be cut when the server is unsubscribed', () => {
    play({
      options: { maxConnections: 1 },
      handler: () => NEVER,
      gateways: [
        { does: '(cq)', sees: '100ms r' },
        { does: '(cq)', sees: '100ms r' },
        { does: 'c', sees: '100ms r' },
      ],
      events: '(lq)',
      unsubscribed: '100ms !',
    });
  });

  it.each([
    ['is reset', { does: '(cq) 496ms R' }],
    ['is closed without a byte', { does: 'c 499ms F' }],
    ['is closed over TCP by nginx', { request: NGINX, does: '(cq) 496ms F' }],
    ['is closed over a Unix socket', { unix: true, does: '(cq) 496ms X' }],
  ])('should make room at once when one %s', (_what, gateway) => {
    play({
      options: one,
      handler: slow,
      gateways: [first, gateway, { request: { uri: '/live' }, does: '600ms (cq)' }],
      events: '(lq) 996ms s 499ms q 999ms s',
      texts: [undefined, /^$/, /\/live$/],
    });
  });

  it('should keep their places when their gateways half-close', () => {
    play({
      options: one,
      handler: slow,
      gateways: [first, { request: { uri: '/half' }, unix: true, does: '(cq) 496ms F', sees: '2500ms f' }],
      events: '(lq) 996ms s 499ms q 999ms s',
      texts: [undefined, /\/half$/],
    });
  });

  it('should notice that a gateway has left behind a large body, on a Unix socket', () => {
    const request = { uri: '/large', body: 'x'.repeat(100_000) };
    play({
      options: one,
      handler: slow,
      gateways: [first, { request, unix: true, does: '(cq) 96ms X' }, { does: '900ms (cq)' }],
      events: '(lq) 996ms s 499ms q 999ms s',
    });
  });

  it('should be answered 408 when the head does not come within headersTimeoutMs', () => {
    const failure = { code: 'ERR_SCGI_HEADERS_TIMEOUT', limit: 100, actual: 100 };
    play({
      options: { maxConnections: 1, headersTimeoutMs: 100 },
      handler: slow,
      gateways: [first, { does: 'c', sees: '100ms f 1999ms c' }, { does: '(ch) 1200ms F' }, { does: '(cq)' }],
      events: '(lq) 96ms (ff) 896ms s 499ms q 999ms s',
      failures: [failure, failure],
      texts: [undefined, /^Status: 408 /, /^Status: 408 /, /^Status: 200 /],
    });
  });

  it('should be replayed however their bytes were cut', () => {
    play({
      options: { maxConnections: 1 },
      handler: (request) => request.text().pipe(map((body) => ({ body }))),
      gateways: [
        { does: 'c 999ms R' },
        { request: { body: 'whole' }, does: 'chi 1500ms F', sees: '1000ms f' },
      ],
      events: 'l 999ms (qs)',
      texts: [undefined, /\nwhole$/],
    });
  });

  it('should not be handled when their FIN has arrived with the end that made room for them', () => {
    const seen: string[] = [];
    play({
      inputDelivered: '-(i|)',
      options: { maxConnections: 1 },
      handler: ({ path }) => {
        seen.push(path);
        return NEVER;
      },
      gateways: [
        { request: { ...NGINX, uri: '/1' }, does: '(cq) 96ms F' },
        { request: { ...NGINX, uri: '/2' }, does: '(cq) 96ms F' },
        { request: { ...NGINX, uri: '/3' }, does: '(cq) 96ms F' },
      ],
      events: '(lq) 96ms f',
      failures: [{ code: 'ERR_SCGI_GATEWAY_GONE', offset: expect.any(Number) as unknown }],
    });
    expect(seen).toEqual(['/1']);
  });

  it('should not be overtaken while the server finds out which gateways have left', () => {
    play({
      inputDelivered: '-(i|)',
      options: { maxConnections: 1, maxWaiting: 1 },
      handler: () => of({}),
      gateways: [
        { request: { uri: '/1' }, does: '(ch) 96ms R' },
        { request: { uri: '/2' }, does: '(cq)', sees: '101ms f 2098ms c' },
        { request: { uri: '/3' }, does: '100ms (cq)' },
      ],
      events: 'l 99ms f(qs) 2096ms (qs)',
      failures: [{ code: 'ERR_SCGI_GATEWAY_GONE', offset: 20 }],
    });
  });

  it('should not let a gateway that never half-closes be handled after its FIN', () => {
    const seen: string[] = [];
    play({
      options: { maxConnections: 1 },
      handler: (request) => {
        seen.push(request.path);
        return slow(request);
      },
      gateways: [first, ...[1, 2, 3].map(() => ({ request: NGINX, does: '(cq) 6ms F' }))],
      events: '(lq) 996ms s',
    });
    expect(seen).toEqual(['/']);
  });
});
