/** Takes what a Promise, or anything with a `then`, gives; whatever it does, only once. */
import { from, type ObservableInput, type Subscriber } from 'rxjs';

/** Whether a value has a `then`. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
}

/**
 * Calls `then`, once. One of the callbacks runs, once, even if `then` calls back twice, throws, or does both.
 *
 * A lazy query starts when `then` is called: a second call would run it again.
 *
 * @param fulfilled - must not throw: from inside a Promise, that would be an unhandled rejection of the process.
 */
export function settle<T>(
  thenable: PromiseLike<T>,
  fulfilled: (value: T) => void,
  rejected: (error: unknown) => void,
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
    const next: unknown = thenable.then(once(fulfilled), reject);
    // Written as an async function, a `then` returns a Promise of its own, whose rejection nobody else handles.
    if (!isNativePromise(thenable) && isThenable(next)) next.then(ignore, ignore);
  } catch (error) {
    reject(error);
  }
}

function isNativePromise(value: object): boolean {
  return Object.prototype.toString.call(value) === '[object Promise]';
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
