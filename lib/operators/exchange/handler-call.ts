/** Calls a handler and subscribes to whatever it returns: a response, or a source of one. */
import { Observable, from, type ObservableInput } from 'rxjs';
import { EarlySubscriber } from '../early-subscriber.js';
import { INTEROP, isChunk } from '../response/body-chunk.js';
import { isSource } from '../response/checked-response.js';
import { discardResponse } from '../response/discard-response.js';
import type { AnyScgiHandler, ScgiRequest, ScgiResponse } from '../types.js';

type Then = (fulfilled: (response: ScgiResponse) => void, rejected: (error: unknown) => void) => unknown;

/**
 * The subscription to one call of a handler.
 *
 * A returned value is foreign: reading it may throw. Each way to fail becomes one `error` of the target. `then` is read
 * once and called once, which RxJS's `from` cannot promise to a caller that also has to discard late responses.
 */
export class HandlerCall extends EarlySubscriber<ScgiResponse> {
  /** Whether the handler returned a Promise that has not settled. */
  pending = false;

  start(handler: AnyScgiHandler, request: ScgiRequest): void {
    try {
      this.subscribeTo(handler(request));
    } catch (error) {
      this.error(error);
    }
  }

  private subscribeTo(handled: unknown): void {
    if (handled instanceof Observable) {
      handled.subscribe(this);
      return;
    }
    const then = thenOf(handled);
    if (then) this.await(handled, then);
    else if (isInput(handled)) from(handled).subscribe(this);
    else this.fulfill(handled as ScgiResponse);
  }

  private await(promise: unknown, then: Then): void {
    this.pending = true;
    const settle = (settled: () => void): void => {
      // A foreign thenable may call both callbacks, and each of them again.
      if (!this.pending) return;
      this.pending = false;
      settled();
    };
    try {
      then.call(
        promise,
        (response) => settle(() => this.fulfill(response)),
        (error) => settle(() => this.error(error)),
      );
    } catch (error) {
      settle(() => this.error(error));
    }
  }

  /** Takes the one response. A Promise cannot be cancelled: a response that comes too late is freed. */
  private fulfill(response: ScgiResponse): void {
    if (this.closed) {
      discardResponse(response);
      return;
    }
    this.next(response);
    this.complete();
  }
}

/** Calls the handler upon subscription. @returns what it returns, as an Observable. */
export function responsesOf(handler: AnyScgiHandler, request: ScgiRequest): Observable<ScgiResponse> {
  return new Observable((subscriber) => {
    const call = new HandlerCall(subscriber);
    subscriber.add(call);
    call.start(handler, request);
  });
}

function thenOf(value: unknown): Then | undefined {
  if (typeof value !== 'object' && typeof value !== 'function') return undefined;
  const then = (value as { then?: unknown } | null)?.then;
  return typeof then === 'function' ? (then as Then) : undefined;
}

/** Whether `from` accepts a value. Text and bytes are iterable, but neither is a source of responses. */
function isInput(value: unknown): value is ObservableInput<ScgiResponse> {
  if (typeof value !== 'object' || value === null || isChunk(value)) return false;
  return isSource(value) || INTEROP in value || 'getReader' in value || 'length' in value;
}
