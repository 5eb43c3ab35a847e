/** Virtual time for marble tests of handlers and operators, whose failures are marble diagrams. */
import { TestScheduler } from 'rxjs/testing';
import { isExpected } from './equality.js';
import {
  Legend,
  marblesOf,
  shown,
  subscriptionMarblesOf,
  type Message,
  type SubscriptionLog,
} from './marble-lines.js';

/**
 * Makes a `TestScheduler` that compares bytes by their content, errors by their code and numbers, and `Headers` by their fields. It works
 * with every test runner: a difference is thrown as an `Error`, whose message is the expected and the actual marble diagram.
 *
 *     scgiScheduler().run(({ cold, expectObservable }) => {
 *       const handler = () => ({ body: cold('--a--b|') });
 *       expectObservable(streamHandler(handler)).toBe('h-a--b|', { h: { status: 200, headers: {} }, a: 'a', b: 'b' });
 *     });
 *
 * Bytes equal the text that they encode in UTF-8. An error equals an object with some of its properties, such as
 * `{ code: 'ERR_SCGI_PREMATURE_EOF', offset: 17 }`.
 *
 * @example
 * ```ts
 * import { decodeScgiEvents } from 'rxscgi';
 * import { requestBytes, scgiScheduler } from 'rxscgi/testing';
 *
 * scgiScheduler().run(({ cold, expectObservable }) => {
 *   const source = cold('-a|', { a: requestBytes().subarray(0, 20) });
 *   expectObservable(source.pipe(decodeScgiEvents())).toBe('--#', {}, { code: 'ERR_SCGI_PREMATURE_EOF' });
 * });
 * ```
 */
export function scgiScheduler(): TestScheduler {
  return new TestScheduler((actual: unknown, expected: unknown) => {
    if (isExpected(actual, expected)) return;
    const lines = isSubscriptions(actual) || isSubscriptions(expected) ? subscriptionLines : messageLines;
    throw new Error(lines(listOf(actual) as never, listOf(expected) as never).join('\n'));
  });
}

function messageLines(actual: readonly Message[], expected: readonly Message[]): string[] {
  const legend = new Legend();
  // The expected line first, so that its letters come in the order of the alphabet.
  const expectedLine = marblesOf(expected, legend);
  const actualLine = marblesOf(actual, legend);
  return [
    'the notifications are not the expected ones',
    `  expected: ${expectedLine}`,
    `  actual:   ${actualLine}`,
    ...legend.lines,
    ...errorLines('expected', expected),
    ...errorLines('actual', actual),
  ];
}

function errorLines(side: string, messages: readonly Message[]): string[] {
  return messages
    .filter(({ notification }) => notification.kind === 'E')
    .map(({ notification }) => `  # ${side}: ${shown(notification.error)}`);
}

function subscriptionLines(
  actual: readonly SubscriptionLog[],
  expected: readonly SubscriptionLog[],
): string[] {
  const line = (log: SubscriptionLog | undefined): string => (log ? subscriptionMarblesOf(log) : 'none');
  const count = Math.max(actual.length, expected.length);
  return Array.from({ length: count }, (_, i) => [
    `  expected: ${line(expected[i])}`,
    `  actual:   ${line(actual[i])}`,
  ]).reduce((lines, pair) => [...lines, ...pair], ['the subscriptions are not the expected ones']);
}

function isSubscriptions(log: unknown): boolean {
  const [first] = listOf(log);
  return first !== undefined && 'subscribedFrame' in first;
}

function listOf(log: unknown): readonly object[] {
  return Array.isArray(log) ? (log as object[]) : [];
}
