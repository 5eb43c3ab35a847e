/** What specs look at of a call by `callHandler`. */
import { map, type Observable } from 'rxjs';
import { textOf, type TestResponse } from '../../../../lib/testing/index.js';

/** A response as marbles show it. */
export const shown = map(({ status, body }: TestResponse) => `${status} ${textOf(body)}`);

/** The notifications of what is over when `subscribe` returns. */
export function notificationsOf(source: Observable<unknown>): unknown[] {
  const seen: unknown[] = [];
  source.subscribe({
    next: (value) => seen.push(value),
    error: (error: unknown) => seen.push(error),
    complete: () => seen.push('complete'),
  });
  return seen;
}
