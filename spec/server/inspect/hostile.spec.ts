/** Observers that throw or unsubscribe, hostile requests, and what a server without an observer does not do. */
import { NEVER, Observable, concat, map, of, throwError, timer } from 'rxjs';
import { pullMap, type AnyScgiHandler } from '../../../lib/index.js';
import { Connection } from '../../../lib/server/connection/connection.js';
import type { InspectEvent } from '../../../lib/server/inspect/inspect-event.js';
import { InspectedConnection } from '../../../lib/server/inspect/inspected-connection.js';
import { InspectedTransport } from '../../../lib/server/inspect/inspected-transport.js';
import { ConnectionEvents, Inspector } from '../../../lib/server/inspect/inspector.js';
import { maskReceived } from '../../../lib/server/inspect/masks.js';
import type { ServerEvent } from '../../../lib/server/server-event.js';
import { verifyServerOptions, type InspectObserver } from '../../../lib/server/server-options.js';
import { Server, type Acceptor } from '../../../lib/server/server.js';
import { requestBytes } from '../../../lib/testing/index.js';
import { inspect } from '../../helpers/virtual-time/server/inspected.js';
import { marbles } from '../../helpers/virtual-time/marbles.js';
import { MemoryTransport } from '../../helpers/virtual-time/server/memory-transport.js';
import { play } from '../../helpers/virtual-time/server/virtual-server.js';

const UPLOAD = { variables: { CONTENT_LENGTH: '2000', REQUEST_METHOD: 'POST' } };
const HANDLERS: readonly AnyScgiHandler[] = [
  () => of({ body: 'x' }),
  ({ body }) => of({ body: body.pipe(pullMap((chunk) => timer(2).pipe(map(() => chunk)))) }),
  ({ body }) => body.pipe(map(() => ({}))),
  () => of({ body: concat(of('a', 'b'), NEVER) }),
  () => throwError(() => new Error('x')),
  () => of({ status: 99 }),
];

describe('an observer', () => {
  it.each([...HANDLERS.entries()])(
    'that throws at every event should change nothing (handler %i)',
    (_index, handler) => {
      const scenario = { handler, gateways: [{ does: 'cqbb 20ms F 5ms R', request: UPLOAD }] };
      const of = (inspect?: InspectObserver) =>
        play({ failures: 'any', ...scenario, ...(inspect && { options: { inspect } }) }).map(
          ({ type }) => type,
        );
      const boom = () => {
        throw new Error('boom');
      };
      expect(of(boom)).toEqual(of());
      expect(of({ next: boom })).toEqual(of());
    },
  );

  it('that throws should have its errors reported', () => {
    play({
      options: {
        inspect: () => {
          throw new Error('boom');
        },
      },
      handler: () => NEVER,
      gateways: [{ does: 'c--R' }],
      // At its opening, its error, its end and its closing.
      failures: Array(4).fill(new Error('boom')),
    });
  });

  it.each([...HANDLERS.entries()])(
    'may unsubscribe the server at any event (handler %i)',
    (_index, handler) => {
      let at = 0;
      let left = true;
      // One run more than there are events.
      for (; left; at++) {
        left = false;
        let calls = 0;
        const told: string[] = [];
        const thrown: unknown[] = [];
        marbles(({ cold, flush }, scheduler) => {
          const end = new MemoryTransport(scheduler, true);
          const inspect = ({ type }: InspectEvent): void => {
            told.push(type);
            if (told.length !== at + 1) return;
            left = true;
            served?.abort();
          };
          const runtime = {
            listen: (acceptor: Acceptor) => {
              cold('cqbb 20ms F 5ms R').subscribe((step) => {
                if (step === 'c') end.events = acceptor.accept(end);
                else if (step === 'F') end.fin();
                else if (step === 'R') end.reset();
                else end.send(step === 'q' ? requestBytes(UPLOAD) : new Uint8Array(1000));
              });
              return concat(of(['memory']), NEVER);
            },
            inputDelivered: of(undefined),
            observerThrew: (error: unknown) => thrown.push(error),
          };
          const settings = verifyServerOptions({ scheduler, inspect });
          let served: Server | undefined;
          const counted: AnyScgiHandler = (request) => {
            calls++;
            return handler(request);
          };
          new Observable<ServerEvent>((subscriber) => {
            served = new Server(counted, settings, runtime, subscriber);
            served.start();
          }).subscribe();
          flush();
        });
        expect(thrown).toEqual([]);
        // Nothing is called after the server has been left.
        const called = told.slice(0, at).includes('handler');
        if (left) expect(calls).toBe(called ? 1 : 0);
        if (left) expect(told.filter((type) => type === 'close').length).toBeLessThanOrEqual(1);
      }
      expect(at).toBeGreaterThan(8);
    },
  );

  it.each<unknown>([5, null, 'x', true])('should be refused when it is %p', (observer) => {
    expect(() => verifyServerOptions({ inspect: observer as never })).toThrow(TypeError);
  });

  it('may have no next, or leave out all', () => {
    expect(() =>
      play({ options: { inspect: {} }, handler: () => NEVER, gateways: [{ does: 'cq' }] }),
    ).not.toThrow();
    expect(() => verifyServerOptions({ inspect: undefined })).not.toThrow();
  });
});

describe('what an observer is told of hostile requests', () => {
  it('should be everything that is in them, as text', () => {
    const uri = '/<script>alert(1)</script>?\x01\xff"\'';
    const headers = { 'X-A': '</script><img src=x onerror=alert(1)>', 'X-Big': 'x'.repeat(60_000) };
    const events = inspect({ handler: () => of({}), gateways: [{ does: 'cq', request: { uri, headers } }] });
    const request = events.find((event) => event.type === 'request');
    const variables = new Map(request?.type === 'request' ? request.variables : []);
    expect(variables.get('REQUEST_URI')).toBe(uri);
    expect(variables.get('HTTP_X_A')).toBe(headers['X-A']);
    expect(variables.get('HTTP_X_BIG')).toHaveLength(60_000);
  });

  it('should be 10 000 chunks one by one, of which 4096 bytes are text', () => {
    const handler: AnyScgiHandler = () => of({ body: Array.from({ length: 10_000 }, () => '\u0001') });
    const events = inspect({ handler, gateways: [{ does: 'cq' }] });
    expect(events.filter(({ type }) => type === 'chunk')).toHaveLength(10_000);
    expect(events.filter((event) => event.type === 'chunk' && event.text !== undefined)).toHaveLength(4096);
  });

  it('should not contain a secret', () => {
    const secret = 's3cret';
    const names = ['Authorization', 'Cookie', 'Proxy', 'Proxy-Authorization'];
    const headers = Object.fromEntries(names.map((name) => [name, secret]));
    const variables = { REDIRECT_HTTP_AUTHORIZATION: secret, HTTP_COOKIE2: secret };
    const events = inspect({
      handler: () => of({ headers: { 'set-cookie': [secret, secret], 'X-A': 'shown' } }),
      gateways: [{ does: 'cq', request: { headers, variables } }],
    });
    const text = JSON.stringify(events);
    expect(text).toContain('"shown"');
    expect(text).toContain('["HTTP_COOKIE","******"]');
    expect(text).not.toContain(secret);
  });

  it.each([
    '99:HTTP_COOKIE\0s3cret\0SCGI\x001\0',
    '99:SCGI\x001\0HTTP_AUTHORIZATION\0s3cret',
    'GET / HTTP/1.1\r\nHost: x\r\nCookie: s3cret; a\r\nauthorization:s3cret\r\n\r\n',
  ])('should not contain a secret of %j, which cannot be read', (received) => {
    const masked = maskReceived(received);
    expect(masked).not.toContain('s3cret');
    expect(masked).toHaveLength(received.length);
  });

  it('should tolerate errors and chunks that throw when they are looked at', () => {
    const evil = new Proxy(
      {},
      {
        get: () => {
          throw new Error('looked at');
        },
      },
    );
    const events = inspect({ handler: () => throwError(() => evil), gateways: [{ does: 'cq' }] });
    expect(events.find(({ type }) => type === 'error')).toMatchObject({ where: 'handler', code: 'thrown' });
    const odd = inspect({ handler: () => of({ body: [evil as never] }), gateways: [{ does: 'cq' }] });
    expect(odd.find(({ type }) => type === 'error')).toMatchObject({ where: 'response' });
  });
});

describe('a server without an observer', () => {
  afterEach(() => jest.restoreAllMocks());

  it('should make nothing and call nothing of what inspects', () => {
    const spies = [
      jest.spyOn(Inspector.prototype, 'connect'),
      jest.spyOn(ConnectionEvents.prototype, 'emit'),
    ];
    const made: Connection[] = [];
    const begin = jest.spyOn(Connection.prototype, 'begin').mockImplementation(function (this: Connection) {
      made.push(this);
    });
    play({ handler: () => of({}), gateways: [{ does: 'c' }] });
    play({ options: { inspect: () => undefined }, handler: () => of({}), gateways: [{ does: 'c' }] });
    begin.mockRestore();
    expect(made.map(({ constructor }) => constructor)).toEqual([Connection, InspectedConnection]);
    // The transport is that of the runtime, not wrapped.
    const transports = made.map(
      (each) => (each as unknown as { state: { transport: object } }).state.transport,
    );
    expect(transports.map(({ constructor }) => constructor)).toEqual([MemoryTransport, InspectedTransport]);
    spies.forEach((spy) => spy.mockClear());
    for (const handler of HANDLERS)
      play({ failures: 'any', handler, gateways: [{ does: 'cqbb 20ms F 5ms R', request: UPLOAD }] });
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  });
});
