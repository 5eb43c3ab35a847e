/** Gateways that leave before their response is out, in virtual time. */
import { NEVER, concat, finalize, from, map, of, tap, timer, type Observable } from 'rxjs';
import type { AnyScgiHandler, ScgiResponse } from '../../../lib/index.js';
import { play, type Play } from '../../helpers/virtual-time/server/virtual-server.js';

const NGINX = { variables: { DOCUMENT_URI: '/' } };
const APACHE = { variables: { SERVER_SOFTWARE: 'Apache/2.4.62 (Debian)' } };
const OTHER = { variables: { SERVER_SOFTWARE: 'Caddy/2.6' } };
const GONE = { code: 'ERR_SCGI_GATEWAY_GONE', offset: expect.any(Number) as unknown };

/** Answers after 5 s. */
const slow: AnyScgiHandler = () => timer(5000).pipe(map(() => ({ body: 'late' })));
/** Answers at once with a body that never ends. */
const stream: AnyScgiHandler = () => of({ body: concat(of('begun'), NEVER) });

/** Plays a scenario, and returns how many handlers were unsubscribed before they had answered. */
function leftHandlers(scenario: Play): number {
  let left = 0;
  const handler: AnyScgiHandler = (request) => {
    let answered = false;
    return from(scenario.handler(request) as Observable<ScgiResponse>).pipe(
      tap(() => (answered = true)),
      finalize(() => {
        if (!answered) left++;
      }),
    );
  };
  play({ ...scenario, handler });
  return left;
}

describe('a server whose gateway ends the connection before the response', () => {
  it.each([
    ['nginx', NGINX],
    ['Apache', APACHE],
    ['lighttpd', { variables: { SERVER_SOFTWARE: 'lighttpd/1.4.69' } }],
    ['our own gateway and command', { variables: { SERVER_SOFTWARE: 'rxscgi/0.1.0' } }],
  ])('should unsubscribe the handler at the FIN of %s over TCP', (_name, request) => {
    const left = leftHandlers({
      handler: slow,
      gateways: [{ request, does: '(cq) 96ms F', sees: ' 100ms r' }],
      events: '                 (lq) 96ms f',
      failures: [GONE],
    });
    expect(left).toBe(1);
  });

  it('should answer another gateway after its FIN over TCP', () => {
    play({
      handler: slow,
      gateways: [{ request: OTHER, does: '(cq) 96ms F', sees: '5000ms f' }],
      events: '                        (lq) 4996ms s',
    });
  });

  it('should unsubscribe the handler when the gateway closes a Unix socket', () => {
    const left = leftHandlers({
      handler: slow,
      gateways: [{ request: OTHER, unix: true, does: '(cq) 96ms X' }],
      events: '                                    (lq) 96ms f',
      failures: [GONE],
    });
    expect(left).toBe(1);
  });

  it('should answer a gateway that half-closes a Unix socket, whatever it is', () => {
    play({
      handler: slow,
      gateways: [{ request: NGINX, unix: true, does: '(cq) 96ms F', sees: '5000ms f' }],
      events: '                                    (lq) 4996ms s',
    });
  });

  it('should notice within a second that a gateway closes a Unix socket which it had half-closed', () => {
    const left = leftHandlers({
      handler: slow,
      gateways: [{ unix: true, does: '(cq) 96ms F 1499ms X' }],
      events: '                    (lq) 1796ms f',
      failures: [GONE],
    });
    expect(left).toBe(1);
  });

  it('should continue with "continue", and stop with "cancel", whoever the gateway is', () => {
    play({
      options: { whenGatewayEnds: 'continue' },
      handler: slow,
      gateways: [{ request: NGINX, does: '(cq) 96ms F', sees: '5000ms f' }],
      events: '                        (lq) 4996ms s',
    });
    play({
      options: { whenGatewayEnds: 'cancel' },
      handler: slow,
      gateways: [{ request: OTHER, does: '(cq) 96ms F' }],
      events: '                        (lq) 96ms f',
      failures: [GONE],
    });
  });

  it('should report a stream that is left after its head as an aborted response', () => {
    let left = 0;
    play({
      handler: () => of({ body: concat(of('begun'), NEVER).pipe(finalize(() => left++)) }),
      gateways: [{ request: NGINX, does: '(cq) 96ms F', sees: '100ms r' }],
      events: '                        (lq) 96ms a',
    });
    expect(left).toBe(1);
  });

  it.each([
    ['the last byte that Content-Length promises', '5', 's'],
    ['the byte before it', '6', 'a'],
  ])('should report a stream that is left after %s, as what it is', (_what, length, event) => {
    play({
      handler: () => of({ headers: { 'Content-Length': length }, body: concat(of('begun'), NEVER) }),
      gateways: [{ request: NGINX, does: '(cq) 96ms F', sees: '100ms r' }],
      events: `                        (lq) 96ms ${event}`,
    });
  });

  it.each([
    ['its FIN', NGINX, '(cqF)'],
    ['a reset after its FIN', OTHER, '(cqFR)'],
  ])('should report a large chunk that %s cut as aborted', (_what, request, does) => {
    // More than goes out in one turn: its first slice is out, and the system could take more.
    const body = new Uint8Array(3_000_000);
    const events = play({ handler: () => of({ body }), gateways: [{ request, does }], events: '(lqa)' });
    expect(events).toContainEqual(expect.objectContaining({ aborted: true, bytesOut: 43 + 262_144 }));
  });

  it('should not pass a stream that is left on to onError', () => {
    const onError = jest.fn();
    play({
      options: { onError },
      handler: stream,
      gateways: [{ does: '(cq) 96ms R' }],
      events: '        (lq) 96ms a',
    });
    expect(onError).not.toHaveBeenCalled();
  });

  it('should answer 400 to a FIN within the request', () => {
    play({
      handler: slow,
      gateways: [{ request: NGINX, does: '(ch) 96ms F', sees: '100ms f' }],
      events: '                        l 99ms (fs)',
      failures: [{ code: 'ERR_SCGI_PREMATURE_EOF', offset: 20 }],
      texts: [/^Status: 400 /],
    });
  });

  it('should notice that a gateway leaves while its body is not read', () => {
    const request = { body: 'x'.repeat(200_000), variables: { CONTENT_LENGTH: '300000' } };
    const left = leftHandlers({
      handler: slow,
      gateways: [{ request, unix: true, does: '(cq) 496ms X' }],
      events: '                             (lq) 796ms f',
      failures: [GONE],
    });
    expect(left).toBe(1);
  });
});
