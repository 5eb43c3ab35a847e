import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { isScgiError } from '../../../lib/core/errors/errors.js';
import { show } from '../wire/wire.js';

/**
 * Runs a marble test in virtual time. Bytes are compared by content, as ISO-8859-1 text, so that either may be expected;
 * an `ScgiError` by its code and numbers, so that `{ code, offset }` may be.
 */
export function marbles(test: (helpers: RunHelpers, scheduler: TestScheduler) => void): void {
  const scheduler = new TestScheduler((actual, expected) => {
    expect(comparable(actual)).toEqual(comparable(expected));
  });
  scheduler.run((helpers) => test(helpers, scheduler));
}

interface Message {
  readonly frame: number;
  readonly notification: {
    readonly kind: 'N' | 'E' | 'C';
    readonly value?: unknown;
    readonly error?: unknown;
  };
}

function comparable(log: unknown): unknown[] {
  return (log as (Message | object)[]).map((entry) => {
    if (!('notification' in entry)) return entry;
    const { frame, notification } = entry;
    if (notification.kind === 'C') return { frame, complete: true };
    if (notification.kind === 'E') return { frame, error: errorFacts(notification.error) };
    const { value } = notification;
    return { frame, next: value instanceof Uint8Array ? show(value) : value };
  });
}

/** What a spec asserts of an error: all but its prose and its status, which is the answers' to show. */
export function errorFacts(error: unknown): unknown {
  if (!isScgiError(error)) return error;
  const { code, offset, limit, actual } = error as {
    code: string;
    offset?: number;
    limit?: number;
    actual?: number;
  };
  return {
    code,
    ...(offset !== undefined && { offset }),
    ...(limit !== undefined && { limit }),
    ...(actual !== undefined && { actual }),
  };
}
