/** Slow gateways, in virtual time: what counts as progress, and what does not. */
import { NEVER, concat, of } from 'rxjs';
import type { AnyScgiHandler } from '../../lib/index.js';
import { play } from '../helpers/virtual-time/server/virtual-server.js';

const LARGE = 10_000;
const large: AnyScgiHandler = () => of({ body: new Uint8Array(LARGE) });
const SURPLUS = { code: 'ERR_SCGI_BODY_SURPLUS', offset: expect.any(Number) as unknown };
const SEND_TIMEOUT = { code: 'ERR_SCGI_SEND_TIMEOUT', limit: 1000, actual: 1000 };

describe('sendTimeoutMs', () => {
  const options = { sendTimeoutMs: 1000 };

  it('should cut a gateway that takes nothing', () => {
    play({
      options,
      handler: large,
      gateways: [{ does: '(cnq)', sees: '1s r' }],
      events: '(lq) 996ms f',
      failures: [SEND_TIMEOUT],
    });
  });

  it('should not cut a gateway that takes a part of a large chunk now and then', () => {
    const slowly = ' 900ms t'.repeat(10);
    play({
      options,
      handler: large,
      gateways: [{ does: `(cnq) ${slowly} 900ms T`, sees: '9915ms f 2084ms c' }],
      events: '(lq) 9911ms s',
    });
  });

  it('should cut a gateway that has taken a part, and then takes nothing more', () => {
    play({
      options,
      handler: large,
      gateways: [{ does: '(cnq) 496ms t', sees: '1600ms r' }],
      events: '(lq) 1596ms f',
      failures: [SEND_TIMEOUT],
    });
  });

  it('should not count what is written meanwhile as progress', () => {
    play({
      options,
      handler: () => of({ body: concat(of(new Uint8Array(LARGE)), of('more'), NEVER) }),
      gateways: [{ does: '(cnq)', sees: '1s r' }],
      events: '(lq) 996ms f',
      failures: [SEND_TIMEOUT],
    });
  });

  it('should count input of the request, which Apache sends to its end before it reads', () => {
    const request = { variables: { CONTENT_LENGTH: '3000', REQUEST_METHOD: 'POST' } };
    play({
      options,
      handler: large,
      gateways: [{ request, does: '(cnq) 796ms b 799ms b 799ms b 799ms T', sees: '3201ms f 2098ms c' }],
      events: '(lq) 3197ms s',
    });
  });

  it('should not count input beyond the request', () => {
    play({
      options,
      handler: large,
      gateways: [{ does: `(cnq) ${' 400ms b'.repeat(5)}`, sees: '1s r' }],
      events: '(lq) 401ms f 594ms f',
      failures: [SURPLUS, SEND_TIMEOUT],
    });
  });
});

describe('the linger after a response', () => {
  const early: AnyScgiHandler = () => of({ status: 401 });
  const upload = { variables: { CONTENT_LENGTH: '5000', REQUEST_METHOD: 'POST' } };

  it('should close lingerMs after the response where the gateway does not', () => {
    play({
      options: { lingerMs: 1000 },
      handler: early,
      gateways: [{ does: '(cq)', sees: 'f 999ms c' }],
      events: '(lqs)',
    });
  });

  it('should continue while the body comes, however long that takes', () => {
    const body = ' 899ms b'.repeat(5);
    play({
      options: { lingerMs: 1000, lingerBytes: 0 },
      handler: early,
      gateways: [{ request: upload, does: `(cq) ${body} 99ms F`, sees: 'f' }],
      events: '(lqs)',
    });
  });

  it('should not continue for longer than bodyTotalTimeoutMs, however steadily the body comes', () => {
    play({
      options: { lingerMs: 1000, bodyTotalTimeoutMs: 2000 },
      handler: early,
      gateways: [{ request: upload, does: `(cq) ${' 899ms b'.repeat(5)}`, sees: 'f 1999ms c' }],
      events: '(lqs)',
    });
  });

  it('should close lingerMs after the last of the body that came', () => {
    play({
      options: { lingerMs: 1000 },
      handler: early,
      gateways: [{ request: upload, does: '(cq) 896ms b', sees: 'f 1899ms c' }],
      events: '(lqs)',
    });
  });

  it('should close after lingerBytes beyond the body', () => {
    play({
      options: { lingerMs: 1000, lingerBytes: 1000 },
      handler: early,
      gateways: [{ does: '(cq) 96ms b 99ms b', sees: 'f 199ms c' }],
      events: '(lqs) 95ms f',
      failures: [SURPLUS],
    });
  });

  it('should report bytes beyond the request once, whenever they come, and deliver the response', () => {
    const failures = [SURPLUS];
    const at = (does: string, events: string): void => {
      play({ handler: early, gateways: [{ does, sees: 'f' }], events, failures, texts: [/^Status: 401 /] });
    };
    at('(cq) 96ms b 99ms b 99ms F', '(lqs) 95ms f');
    at('(cqbb) 95ms F', '(lqsf)');
  });

  it('should report bytes beyond a body that nobody has read', () => {
    play({
      handler: early,
      gateways: [{ request: { body: 'text' }, does: '(cq) 96ms b 99ms F', sees: 'f' }],
      events: '(lqs) 95ms f',
      failures: [SURPLUS],
    });
  });

  it('should mark a stream that is left as aborted, though bytes came beyond its request', () => {
    play({
      handler: () => of({ body: concat(of('begun'), NEVER) }),
      gateways: [{ does: '(cq) 96ms b 99ms R' }],
      events: '(lq) 96ms f 99ms a',
      failures: [SURPLUS],
    });
  });

  it('should read a body to its end that is too large for maxBodyBytes', () => {
    const body = ' 899ms b'.repeat(5);
    play({
      options: { lingerMs: 1000, lingerBytes: 0, maxBodyBytes: 4999 },
      handler: early,
      gateways: [{ request: upload, does: `(cq) ${body} 99ms F`, sees: 'f' }],
      events: '(lfs)',
      failures: [
        { code: 'ERR_SCGI_BODY_TOO_LARGE', limit: 4999, actual: 5000, offset: expect.any(Number) as unknown },
      ],
      texts: [/^Status: 413 /],
    });
  });
});
