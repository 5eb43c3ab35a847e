/** The end of a server, in virtual time. */
import { NEVER, interval, map, of, takeUntil, timer } from 'rxjs';
import { serverSentEvents, type AnyScgiHandler } from '../../lib/index.js';
import { play } from '../helpers/virtual-time/server/virtual-server.js';

const slow: AnyScgiHandler = () => timer(5000).pipe(map(() => ({ body: 'late' })));
const FIRST = { code: 'ERR_SCGI_DRAIN_TIMEOUT', limit: 1000, actual: 1000 };

describe('draining', () => {
  it('should wait for exchanges under way', () => {
    play({
      handler: slow,
      gateways: [{ does: '(cq) 5s F' }],
      until: '100ms u',
      events: '(lq) 96ms d 4899ms s 3ms (c|)',
    });
  });

  it('should close connections that have not sent a byte after a second, without a report', () => {
    play({
      handler: slow,
      gateways: [{ does: 'c', sees: '1100ms r' }],
      until: '100ms u',
      events: 'l 99ms d 999ms (c|)',
    });
  });

  it('should not wait longer for a head that has begun', () => {
    play({
      handler: slow,
      gateways: [{ does: '(ch)', sees: '1100ms r' }],
      until: '100ms u',
      events: 'l 99ms d 999ms (fc|)',
      failures: [FIRST],
    });
  });

  it('should not cut a slow body for the head that it had', () => {
    play({
      options: { bodyTimeoutMs: 2000 },
      handler: (request) => request.text().pipe(map((body) => ({ body }))),
      gateways: [{ request: { body: 'text' }, does: '(ch) 6ms i 89ms F' }],
      until: '5ms u',
      events: 'l 4ms d 4ms (qs) 86ms (c|)',
    });
  });

  it('should cut exchanges that are not over within drainTimeoutMs', () => {
    play({
      options: { drainTimeoutMs: 300 },
      handler: () => NEVER,
      gateways: [{ does: '(cq)', sees: '400ms r' }],
      until: '100ms u',
      events: '(lq) 96ms d 299ms (fc|)',
      failures: [{ code: 'ERR_SCGI_DRAIN_TIMEOUT', limit: 300, actual: 300 }],
    });
  });

  it('should cut connections that still wait within drainTimeoutMs, without a report', () => {
    play({
      options: { drainTimeoutMs: 300, maxConnections: 1 },
      handler: () => NEVER,
      gateways: [{ does: '(cq)' }, { does: '(cq)', sees: '400ms r' }],
      until: '100ms u',
      events: '(lq) 96ms d 299ms (fc|)',
      failures: [{ code: 'ERR_SCGI_DRAIN_TIMEOUT', limit: 300, actual: 300 }],
    });
  });

  it('should neither report nor reset, at the deadline, a response that is out', () => {
    play({
      options: { drainTimeoutMs: 300 },
      handler: () => of({ body: 'out' }),
      gateways: [{ does: '(cq)', sees: 'f 399ms c' }],
      until: '100ms u',
      events: '(lqs) 95ms d 299ms (c|)',
    });
  });

  it('should cut a response that is not out at the deadline, as a failure alone', () => {
    play({
      options: { drainTimeoutMs: 300 },
      handler: () => of({ body: 'not out' }),
      gateways: [{ does: '(cnq)', sees: '400ms r' }],
      until: '100ms u',
      events: '(lq) 96ms d 299ms (fc|)',
      failures: [{ code: 'ERR_SCGI_DRAIN_TIMEOUT', limit: 300, actual: 300 }],
    });
  });

  it('should end server-sent events, whether they have begun or wait for their turn', () => {
    play({
      options: { maxConnections: 1 },
      handler: () => serverSentEvents(interval(40).pipe(map((n) => `${n}`))),
      gateways: [{ does: '(cq) 106ms F', sees: '100ms f' }, { does: '(cq) 106ms F' }],
      until: '100ms u',
      events: '(lq) 96ms (ds) 6ms (qsc|)',
      texts: [/data: 0\n\ndata: 1\n\n$/],
    });
  });

  it('should be known to a handler as request.draining, from its beginning', () => {
    play({
      handler: ({ draining }) =>
        of({
          body: interval(40).pipe(
            map((n) => `${n}`),
            takeUntil(draining),
          ),
        }),
      gateways: [{ does: '(cq) 97ms F' }, { does: '10ms (ch) 100ms i 10ms F' }],
      until: '100ms u',
      events: '(lq) 96ms (ds) 10ms (qs) 7ms (c|)',
    });
  });

  it('should complete at once when nothing is under way', () => {
    play({ handler: () => NEVER, gateways: [], until: '100ms u', events: 'l 99ms (dc|)' });
  });

  it('should admit waiting connections, and give them their time', () => {
    play({
      options: { maxConnections: 1 },
      handler: slow,
      gateways: [{ does: '(cq) 5s F' }, { does: 'c 5499ms q 5s F' }],
      until: '100ms u',
      events: '(lq) 96ms d 4899ms s 499ms q 4999ms s (c|)',
    });
  });
});
