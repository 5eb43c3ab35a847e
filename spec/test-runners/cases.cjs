/** What every test runner is given: tests as a person writes them with `rxscgi/testing`, and one that must fail. */
const { strictEqual } = require('node:assert/strict');
const { concat, firstValueFrom, map, timer } = require('rxjs');

/** @param testing - the testing kit, as ESM or as CommonJS. */
function casesOf({ callHandler, requestBytes, responseOf, scgiScheduler, streamHandler, textOf }) {
  const late = ({ path }) => timer(500).pipe(map(() => ({ body: `Hello, ${path}` })));
  const stream = () => ({ body: concat(['a'], timer(100).pipe(map(() => 'b'))) });
  return [
    [
      'a Promise',
      async () => {
        const { status, body } = await firstValueFrom(callHandler(late, { uri: '/you' }));
        strictEqual(`${status} ${textOf(body)}`, '200 Hello, /you');
      },
    ],
    [
      'virtual time',
      () =>
        scgiScheduler().run(({ expectObservable }) => {
          const body = callHandler(late, { uri: '/you' }).pipe(map((response) => response.body));
          expectObservable(body).toBe('500ms (a|)', { a: 'Hello, /you' });
        }),
    ],
    [
      'a stream',
      () =>
        scgiScheduler().run(({ expectObservable }) => {
          expectObservable(streamHandler(stream)).toBe('(ha) 96ms (b|)', {
            h: { status: 200, headers: {} },
            a: 'a',
            b: 'b',
          });
        }),
    ],
    ['bytes', () => strictEqual(responseOf([Buffer.from('\n'), requestBytes()]).status, 200)],
  ];
}

const MUST_FAIL = 'must fail';

/** A test that fails, to see what its runner says. */
function failingCaseOf({ scgiScheduler, streamHandler }) {
  return () =>
    scgiScheduler().run(({ expectObservable }) => {
      expectObservable(streamHandler(() => ({ body: ['x'] }))).toBe('(ha|)', {
        h: { status: 404, headers: {} },
        a: 'x',
      });
    });
}

module.exports = { MUST_FAIL, casesOf, failingCaseOf };
