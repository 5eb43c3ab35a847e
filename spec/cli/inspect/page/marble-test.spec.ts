/** "Copy as marble test": what is copied passes, and fails when the handler does something else. */
import type { InspectEvent } from '../../../../lib/server/inspect/inspect-event.js';
import { exchangeOf, loadPageModules } from '../../../helpers/live-view/page-modules.js';
import * as recorded from '../../../helpers/live-view/recorded-events.js';
import { runMarbleTest } from '../../../helpers/live-view/run-marble-test.js';

const { variablesOf, eventsOf } = recorded;
const page = loadPageModules();

function testOf(events: readonly InspectEvent[]): string {
  const { text, reason } = page.marbleTestOf(exchangeOf(page, events));
  if (text === undefined) throw new Error(`no test: ${reason}`);
  return text;
}

const withoutLast = (events: readonly InspectEvent[], count: number): InspectEvent[] =>
  events.slice(0, -count);

/** Answers 200 with chunks at these times. */
function streamed(
  method: string,
  at: readonly number[],
  headers: [string, string][] = [],
  status = 200,
  bytes = 3,
): InspectEvent[] {
  const steps = quickSteps(method);
  return eventsOf(9, 50, [
    ...steps,
    [1, { type: 'response', status, by: 'handler', headers }],
    ...at.map((time) => [time, { type: 'chunk', bytes, text: 'a"\n' }] as const),
    [Math.max(1, ...at) + 3, { type: 'end', how: 'fin' }],
    [Math.max(1, ...at) + 4, { type: 'close' }],
  ]);
}

function quickSteps(method: string, variables = variablesOf(method, "/it's?a=%0A")) {
  return [
    [0, { type: 'open' }],
    [0.5, { type: 'bytes-in', bytes: 100 }],
    [0.6, { type: 'request', variables, contentLength: 0 }],
    [0.6, { type: 'handler', state: 'called' }],
  ] as const;
}

describe('copy as marble test', () => {
  it.each<[string, readonly InspectEvent[]]>([
    ['a quick answer', recorded.quick(1, 10, '/')],
    ['an answer of 204', streamed('GET', [], [], 204)],
    ['an answer to HEAD', streamed('HEAD', [], [['Content-Length', '9000']])],
    ['a slow answer without a body', streamed('GET', [])],
    [
      'several cookies',
      streamed(
        'GET',
        [3, 4],
        [
          ['Set-Cookie', '****'],
          ['Set-Cookie', '***'],
        ],
      ),
    ],
    ['chunks in the same millisecond', streamed('GET', [1, 1.1, 1.2, 2, 2.1, 900, 900.4])],
    [
      'more chunks than letters',
      streamed(
        'GET',
        Array.from({ length: 400 }, (_, i) => 2 + i * 3),
      ),
    ],
    ['an upload that was braked', recorded.brakedUpload(1, 10)],
    ['an upload in many chunks', recorded.brakedUpload(1, 10, 30, 4)],
    ['a download whose client reads slowly', recorded.slowDownload(1, 10)],
    ['an upload that goes on', withoutLast(recorded.brakedUpload(1, 10), 20)],
    ['a client that left an event stream', recorded.eventStream(1, 10, 5)],
    ['an event stream that goes on', recorded.eventStream(1, 10, 5, 100, false)],
    ['a handler that fails later', recorded.failing(1, 10)],
    ['a handler that throws at once', recorded.failing(1, 10, 0.3)],
    ['a malformed request', recorded.malformed(1, 10)],
    ['a handler that has not answered', eventsOf(1, 0, quickSteps('GET'))],
    [
      'a name like __proto__, and bytes of ISO-8859-1',
      [
        ...eventsOf(
          1,
          0,
          quickSteps(
            'GET',
            variablesOf('GET', '/\u00e9', 0, [
              ['__proto__', "\u00ff'\\ \u007f"],
              ['HTTP_X', 'x'.repeat(9000)],
            ]),
          ),
        ),
      ],
    ],
    [
      'a response that was cut',
      eventsOf(1, 0, [
        ...quickSteps('GET'),
        [2, { type: 'response', status: 200, by: 'handler', headers: [] }],
        [20, { type: 'chunk', bytes: 4, text: 'half' }],
        [41, { type: 'error', where: 'response', code: 'ERR_ODD', message: '\u2028 */ `${x}`' }],
        [41, { type: 'end', how: 'reset' }],
        [41, { type: 'close' }],
      ]),
    ],
    [
      'an upload whose client left',
      eventsOf(1, 0, [
        [0, { type: 'open' }],
        [1, { type: 'bytes-in', bytes: 4000 }],
        [1, { type: 'request', variables: variablesOf('POST', '/u', 9000), contentLength: 9000 }],
        [1, { type: 'handler', state: 'called' }],
        [1, { type: 'body-state', state: 'subscribed', by: 'subscribe' }],
        [40, { type: 'bytes-in-end' }],
        [
          40,
          {
            type: 'error',
            where: 'request',
            code: 'ERR_SCGI_PREMATURE_EOF',
            offset: 4000,
            message: 'ends early',
          },
        ],
        [40, { type: 'handler', state: 'unsubscribed' }],
        [41, { type: 'response', status: 400, by: 'error', headers: [] }],
        [41, { type: 'end', how: 'fin' }],
        [41, { type: 'close' }],
      ]),
    ],
  ])('should pass for %s', (_, events) => {
    expect(runMarbleTest(testOf(events))).toHaveLength(1);
  });

  it('should fail when the handler answers otherwise, or at another time', () => {
    const text = testOf(recorded.quick(1, 10, '/', 200, 'Hello'));
    const other = (from: string, to: string): (() => void) => {
      expect(text).toContain(from);
      return () => runMarbleTest(text.replace(from, to));
    };
    expect(other('return response;', "return [{ status: 200, headers, body: 'Help!' }];")).toThrow(
      /actual: .*b/s,
    );
    expect(other('return response;', 'return [{ status: 404, headers, body }];')).toThrow(/404/);
    expect(other("const response = cold('", "const response = cold('5ms ")).toThrow(
      /actual: {3}-{11}\(ab\|\)/,
    );
  });

  it('should show who braked, and fail without the brake', () => {
    const text = testOf(recorded.brakedUpload(1, 10));
    expect(text).toContain('// Held by: pullMap.');
    expect(() => runMarbleTest(text.replace(/flow\.holdInput\(.*\n/, ''))).toThrow(/expected: a-+b/);
  });

  it('should fail when the unsubscription comes at another time', () => {
    const text = testOf(recorded.eventStream(1, 10, 5));
    expect(() => runMarbleTest(text.replace("!').toBe", "2ms !').toBe"))).toThrow();
  });

  it('should say why there is none', () => {
    const reasonOf = (events: readonly InspectEvent[]) => page.marbleTestOf(exchangeOf(page, events)).reason;
    expect(reasonOf(eventsOf(1, 0, [[0, { type: 'open' }]]))).toBeTruthy();
    expect(
      reasonOf(
        eventsOf(1, 0, [
          [0, { type: 'open' }],
          [
            5,
            { type: 'error', where: 'request', code: 'ERR_SCGI_HEADERS_TIMEOUT', message: '', received: '1' },
          ],
        ]),
      ),
    ).toBeTruthy();
    expect(reasonOf(streamed('GET', [2], [], 200, 7_000_000))).toBeTruthy();
    const late = {
      type: 'error',
      where: 'request',
      code: 'ERR_SCGI_HEADERS_ODD',
      offset: 9000,
      message: '',
      received: `9000:${'x'.repeat(4000)}`,
    } as const;
    expect(
      reasonOf(
        eventsOf(1, 0, [
          [0, { type: 'bytes-in', bytes: 9006 }],
          [5, late],
        ]),
      ),
    ).toBeTruthy();
  });
});
