/** Takes what a Promise, or anything with a `then`, gives; whatever it does, only once. */
import { from, type ObservableInput, type Subscriber } from 'rxjs';

/** Whether a value has a `then`. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
}

// Compared with and called, to handle rejections: no Promise is made here.
// eslint-disable-next-line no-restricted-globals, @typescript-eslint/unbound-method
const NATIVE_THEN = Promise.prototype.then as Then<unknown>;

export type Then<T> = (fulfilled: (value: T) => void, rejected: (error: unknown) => void) => unknown;

/**
 * Calls `then`, once. One of the callbacks runs, once, even if `then` calls back twice, throws, or does both.
 *
 * A lazy query starts when `then` is called: a second call would run it again.
 *
 * @param fulfilled - must not throw: from inside a Promise, that would be an unhandled rejection of the process.
 * @param then - the thenable's `then`, where that has been read already.
 */
export function settle<T>(
  thenable: PromiseLike<T>,
  fulfilled: (value: T) => void,
  rejected: (error: unknown) => void,
  then?: Then<T>,
): void {
  let settled = false;
  const once =
    <V>(callback: (value: V) => void) =>
    (value: V): void => {
      if (settled) return;
      settled = true;
      callback(value);
    };
  const reject = once(rejected);
  try {
    const call = then ?? (thenable as { readonly then: Then<T> }).then;
    const next = call.call(thenable, once(fulfilled), reject);
    // Written as an async function, a `then` returns a Promise of its own, whose rejection nobody else handles. Native
    // Promises have the same `then`, and what that returns only rejects where a callback throws.
    if (call !== NATIVE_THEN) handleRejection(next, reject);
  } catch (error) {
    reject(error);
  }
}

/** Calls back when a value is a Promise that is rejected. Anything else that has a `then` ends no process. */
function handleRejection(value: unknown, rejected: (error: unknown) => void): void {
  if (typeof value !== 'object' || value === null) return;
  try {
    // Not its own `then`, which may be as odd as the one that returned it.
    NATIVE_THEN.call(value, ignore, rejected);
  } catch {
    // Not a Promise.
  }
}

/**
 * Subscribes to an input as `from` does, but calls the `then` of a Promise only once.
 *
 * @param discard - gets what a Promise gives when nobody waits for it any more: a Promise cannot be cancelled.
 * @throws TypeError for what is not an input.
 */
export function subscribeToInput<T>(
  input: ObservableInput<T>,
  subscriber: Subscriber<T>,
  discard: (value: T) => void = ignore,
): void {
  if (!isThenable(input)) {
    from(input).subscribe(subscriber);
    return;
  }
  settle(
    input,
    (value) => {
      if (subscriber.closed) {
        discard(value);
        return;
      }
      subscriber.next(value);
      subscriber.complete();
    },
    (error) => subscriber.error(error),
  );
}

/** A callback that does nothing. */
export function ignore(): void {
  // Nobody needs what it is called with.
}
