import { NEVER, VirtualTimeScheduler, firstValueFrom, from, lastValueFrom, timeout, toArray } from 'rxjs';
import { ScgiProtocolError } from '../../../lib/core/errors/errors.js';
import { accessLog, type AccessLogOptions, type LogFormat } from '../../../lib/cli/log/access-log.js';
import type { LogLine } from '../../../lib/cli/log/log-output.js';
import type { ServerEvent } from '../../../lib/server/server-event.js';
import { HttpError } from '../../../lib/operators/makers/http-error.js';
import { marbles } from '../../helpers/virtual-time/marbles.js';
import { requestWith } from '../../helpers/wire/requests.js';

/** 9 Oct 2026 08:07:06 UTC. */
const TIME = Date.UTC(2026, 9, 9, 8, 7, 6, 5);

const clock = new VirtualTimeScheduler();
clock.now = () => TIME;

const request = requestWith({
  REMOTE_ADDR: '192.0.2.7',
  REQUEST_METHOD: 'GET',
  REQUEST_URI: '/search?q=1',
  SERVER_PROTOCOL: 'HTTP/1.1',
});

const response: ServerEvent = {
  type: 'response',
  request,
  status: 200,
  aborted: false,
  bytesIn: 321,
  bytesOut: 2326,
  durationMs: 12.34567,
};

function lines(events: ServerEvent[], format: LogFormat, options: AccessLogOptions = {}): Promise<LogLine[]> {
  return lastValueFrom(from(events).pipe(accessLog(format, { scheduler: clock, ...options }), toArray()));
}

async function line(event: ServerEvent, format: LogFormat, options?: AccessLogOptions): Promise<LogLine> {
  const all = await lines([event], format, options);
  expect(all).toHaveLength(1);
  return all[0]!;
}

async function jsonOf(event: ServerEvent): Promise<unknown> {
  return JSON.parse((await line(event, 'json')).text) as unknown;
}

const forwarded = requestWith(
  { REMOTE_ADDR: '10.0.0.1', HTTP_X_FORWARDED_FOR: '192.0.2.9' },
  { trustProxy: 1 },
);

function failed(error: unknown, withRequest = true): ServerEvent {
  return { type: 'failure', error, request: withRequest ? request : undefined };
}

const DATE = '[09/Oct/2026:08:07:06 +0000]';
const PREFIX = `192.0.2.7 - - ${DATE} "GET /search?q=1 HTTP/1.1"`;

it('should have the client behind trusted proxies', async () => {
  const event = { ...response, request: forwarded };
  expect((await line(event, 'common')).text).toMatch(/^192\.0\.2\.9 - - /);
  expect(await jsonOf(event)).toMatchObject({ remote: '192.0.2.9' });
});

/** As Hono's HTTPException, http-errors and NestJS's HttpException have it. */
function withStatus(name: string, status: unknown): Error {
  return Object.assign(new Error('no such fruit'), { name, status });
}

/** Errors that a handler throws for the sake of its client. */
const ANSWERS: [string, unknown][] = [
  ['HttpError', new HttpError(404, 'no such fruit')],
  ['HttpError with a cause', new HttpError(422, 'no such fruit', { cause: new TypeError('x') })],
  ['an error of a library with a status of 400', withStatus('HTTPException', 400)],
  ['an error of a library with a status of 499', withStatus('HttpException', 499)],
];
const FAILURES: [string, unknown][] = [
  ['HttpError of 500', new HttpError(500, 'no such fruit')],
  ['an error with a status of 399', withStatus('Error', 399)],
  ['an error whose status is text', withStatus('Error', '404')],
];

describe('accessLog', () => {
  it('should emit a line for each event except requests, and complete with its source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-l-q-s-d-c|', {
        l: { type: 'listening', address: '127.0.0.1:4000' },
        q: { type: 'request', request },
        s: response,
        d: { type: 'draining', connections: 2 },
        c: { type: 'closed' },
      } satisfies Record<string, ServerEvent>);
      const result = source.pipe(accessLog('common', { scheduler: clock }));
      expectObservable(result).toBe('-l---s-d-c|', {
        l: { to: 'stderr', text: 'rxscgi: listening on 127.0.0.1:4000' },
        s: { to: 'stdout', text: `${PREFIX} 200 2326 12.3ms` },
        d: { to: 'stderr', text: 'rxscgi: draining, connections open: 2' },
        c: { to: 'stderr', text: 'rxscgi: closed' },
      });
      expectSubscriptions(source.subscriptions).toBe('^---------!');
    });
  });

  it('should forward an error of its source', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold<ServerEvent>('--#').pipe(accessLog('json'))).toBe('--#');
    });
  });

  it('should unsubscribe from its source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<ServerEvent>('-----');
      expectObservable(source.pipe(accessLog('common')), '^-!').toBe('---');
      expectSubscriptions(source.subscriptions).toBe('^-!');
    });
  });

  it('should emit nothing when off', async () => {
    expect(await lines([response, failed(new Error('x')), { type: 'closed' }], 'off')).toEqual([]);
  });

  describe('in the common format', () => {
    it('should write hyphens for unknown fields', async () => {
      const bare = requestWith({});
      expect((await line({ ...response, request: bare }, 'common')).text).toBe(
        `- - - ${DATE} "GET / -" 200 2326 12.3ms`,
      );
      expect((await line({ ...response, request: undefined, status: 400 }, 'common')).text).toBe(
        `- - - ${DATE} "-" 400 2326 12.3ms`,
      );
    });

    it('should mark a response that the client aborted', async () => {
      expect((await line({ ...response, aborted: true }, 'common')).text).toBe(
        `${PREFIX} 200 2326 12.3ms aborted`,
      );
    });

    it('should escape whatever a client could send to end or forge a line', async () => {
      const hostile = requestWith({
        REMOTE_ADDR: '1.1.1.1 - - [x]\n',
        REQUEST_METHOD: 'GET"',
        REQUEST_URI: '/\r\n127.0.0.1 - - "\u001b[2J\u009b\u00e9\\',
        SERVER_PROTOCOL: 'HTTP/1.1',
      });
      expect((await line({ ...response, request: hostile }, 'common')).text).toBe(
        `1.1.1.1\\x20-\\x20-\\x20[x]\\x0a - - ${DATE} ` +
          '"GET\\" /\\x0d\\x0a127.0.0.1 - - \\"\\x1b[2J\\x9b\\xe9\\\\ HTTP/1.1" 200 2326 12.3ms',
      );
    });

    it('should write the code and the message of a failure to stderr', async () => {
      const error = new ScgiProtocolError('ERR_SCGI_PREMATURE_EOF', 'the input ended', 17);
      expect(await line(failed(error, false), 'common')).toEqual({
        to: 'stderr',
        text: `- - - ${DATE} "-" ERR_SCGI_PREMATURE_EOF: the input ended (at byte 17)`,
      });
    });

    it('should name the class and the place of an error of the application', async () => {
      const { text } = await line(failed(new TypeError('no\nsuch "thing"')), 'common');
      expect(text).toMatch(
        /^192\.0\.2\.7 - - \[.*\] "GET .*" TypeError: no such "thing" \(spec\/cli\/log\/access-log\.spec\.ts:\d+:\d+\)$/,
      );
    });

    it('should name no place when the stack has only RxJS, as with a TimeoutError', async () => {
      const error = await firstValueFrom(NEVER.pipe(timeout(0))).catch((reason: unknown) => reason);
      const { text } = await line(failed(error), 'common');
      expect(text).toMatch(/ TimeoutError: Timeout has occurred$/);
    });

    it('should add the stack, escaped and indented, when asked to', async () => {
      const error = new Error('first\n    at forged (/etc/passwd:1:1)');
      error.stack = 'Error: first\n    at handle (/app/\u001b.js:1:2)\n    at node:internal/x:3:4';
      const { text } = await line(failed(error), 'common', { withStacks: true });
      expect(text.split('\n').slice(1)).toEqual([
        '    at handle (/app/\\x1b.js:1:2)',
        '    at node:internal/x:3:4',
      ]);
      const ours = new ScgiProtocolError('ERR_SCGI_PREMATURE_EOF', 'the input ended', 17);
      expect((await line(failed(ours), 'common', { withStacks: true })).text).not.toContain('\n');
    });

    it.each(ANSWERS)('should have one line for %s, which is an answer', async (_what, error) => {
      const { to, text } = await line(failed(error), 'common', { withStacks: true });
      expect(to).toBe('stderr');
      expect(text).toMatch(/" \w+: no such fruit \(spec\/cli\/log\/access-log\.spec\.ts:\d+:\d+\)/);
      expect(text).not.toContain('\n');
    });

    it.each(FAILURES)('should have the stack of %s', async (_what, error) => {
      const { text } = await line(failed(error), 'common', { withStacks: true });
      expect(text).toMatch(/\n {4}at /);
    });

    it.each([
      ['a string', 'text\n', 'thrown: text'],
      ['null', null, 'thrown: null'],
      [
        'an error with a code',
        Object.assign(new Error('gone'), { code: 'ENOENT', stack: '' }),
        'ENOENT: gone',
      ],
    ])('should format a failure that is %s', async (_what, error, told) => {
      expect((await line(failed(error), 'common')).text).toBe(`${PREFIX} ${told}`);
    });
  });

  describe('in JSON', () => {
    const time = '2026-10-09T08:07:06.005Z';

    it('should emit an object for each event', async () => {
      expect(await jsonOf(response)).toEqual({
        time,
        event: 'response',
        remote: '192.0.2.7',
        method: 'GET',
        uri: '/search?q=1',
        protocol: 'HTTP/1.1',
        status: 200,
        aborted: false,
        bytesIn: 321,
        bytesOut: 2326,
        durationMs: 12.346,
      });
      expect(await jsonOf({ ...response, aborted: true })).toMatchObject({ status: 200, aborted: true });
      expect(await jsonOf({ type: 'listening', address: 'unix:/run/a' })).toEqual({
        time,
        event: 'listening',
        address: 'unix:/run/a',
      });
      expect(await jsonOf({ type: 'draining', connections: 3 })).toEqual({
        time,
        event: 'draining',
        connections: 3,
      });
      expect(await jsonOf({ type: 'closed' })).toEqual({ time, event: 'closed' });
    });

    it('should emit one line whatever a client sends', async () => {
      const uri = '/\r\n"\u001b[2J\u0085\\';
      const { text } = await line({ ...response, request: requestWith({ REQUEST_URI: uri }) }, 'json');
      expect(text).toMatch(/^[\x20-\x7e]+$/);
      expect(JSON.parse(text)).toMatchObject({ uri });
    });

    it('should contain the code and the message of a failure, and the stack of an application error', async () => {
      const ours = new ScgiProtocolError('ERR_SCGI_PREMATURE_EOF', 'the input ended', 17);
      expect(await jsonOf(failed(ours, false))).toEqual({
        time,
        event: 'failure',
        level: 'info',
        code: 'ERR_SCGI_PREMATURE_EOF',
        message: 'the input ended (at byte 17)',
      });
      const error = new TypeError('no\nsuch');
      expect(await jsonOf(failed(error))).toMatchObject({
        uri: '/search?q=1',
        level: 'error',
        code: 'TypeError',
        message: 'no\nsuch',
        stack: error.stack,
      });
    });

    it.each(ANSWERS)('should have a lower level and no stack for %s', async (_what, error) => {
      const told = await jsonOf(failed(error));
      expect(told).toMatchObject({ event: 'failure', level: 'info', message: 'no such fruit' });
      expect(JSON.stringify(told)).not.toContain('"stack"');
    });

    it.each(FAILURES)('should have the stack of %s', async (_what, error) => {
      expect(await jsonOf(failed(error))).toMatchObject({
        level: 'error',
        stack: expect.stringContaining('    at ') as string,
      });
    });

    it('should write responses to stdout and everything else to stderr', async () => {
      expect((await line(response, 'json')).to).toBe('stdout');
      expect((await line({ type: 'closed' }, 'json')).to).toBe('stderr');
    });
  });
});
