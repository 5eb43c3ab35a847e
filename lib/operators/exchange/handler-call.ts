/** Calls a handler and subscribes to whatever it returns: a response, or a source of one. */
import { Observable, from, type ObservableInput } from 'rxjs';
import { ScgiUsageError } from '../../core/errors/errors.js';
import { ForwardingSubscriber, type Target } from '../flow/forwarding-subscriber.js';
import { isChunk, isObservableInput } from '../response/body-chunk.js';
import { discardResponse } from '../response/discard-response.js';
import { settle, type Then } from '../response/settle.js';
import type { AnyScgiHandler, ScgiRequest, ScgiResponse } from '../types.js';

/** Learns what became of the call of a handler. */
export interface HandlerOwner {
  respond(response: ScgiResponse): void;
  handlerFailed(error: unknown): void;
}

/** Passes on to an owner: one object for each call, where closures would be three more. */
export class OwnedTarget implements Target<ScgiResponse> {
  constructor(private readonly owner: HandlerOwner) {}

  next(response: ScgiResponse): void {
    this.owner.respond(response);
  }

  error(error: unknown): void {
    this.owner.handlerFailed(error);
  }

  /** A handler that completes has responded, or has failed. */
  complete(): void {}
}

/**
 * The subscription to one call of a handler.
 *
 * A returned value is foreign: reading it may throw. Each way to fail becomes one `error` of the target. `then` is read
 * once and called once, which RxJS's `from` cannot promise to a caller that also has to discard late responses.
 */
export class HandlerCall extends ForwardingSubscriber<ScgiResponse> {
  /** Whether the handler returned a Promise that has not settled. */
  private pending = false;
  private loopBegunInCall = false;
  private responded = false;

  constructor(target: Target<ScgiResponse>) {
    super(target, 'after');
  }

  start(handler: AnyScgiHandler, request: ScgiRequest, body?: { readonly pulled: boolean }): void {
    try {
      const handled = handler(request);
      this.loopBegunInCall = body?.pulled ?? false;
      this.subscribeTo(handled);
    } catch (error) {
      this.error(error);
    }
  }

  /**
   * Whether a loop over the request's body belongs to the application alone: nobody would handle its rejection.
   *
   * An async handler that is pending may be waiting for the loop, and so may a response that is under way.
   */
  readsAside(response: { readonly sending: boolean } | undefined): boolean {
    if (this.pending) return false;
    return this.loopBegunInCall || (response !== undefined && !response.sending);
  }

  protected override _next(response: ScgiResponse): void {
    this.responded = true;
    super._next(response);
  }

  protected override _complete(): void {
    if (this.responded) super._complete();
    else this._error(new ScgiUsageError('ERR_SCGI_NO_RESPONSE', 'the handler completed without a response'));
  }

  private subscribeTo(handled: unknown): void {
    if (handled instanceof Observable) {
      handled.subscribe(this);
      return;
    }
    const then = thenOf(handled);
    if (then) this.await(handled as PromiseLike<ScgiResponse>, then);
    else if (isInput(handled)) from(handled).subscribe(this);
    else this.fulfill(handled as ScgiResponse);
  }

  private await(promise: PromiseLike<ScgiResponse>, then: Then<ScgiResponse>): void {
    this.pending = true;
    settle(
      promise,
      (response) => {
        this.pending = false;
        this.fulfill(response);
      },
      (error) => {
        this.pending = false;
        this.error(error);
      },
      then,
    );
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

function thenOf(value: unknown): Then<ScgiResponse> | undefined {
  if (typeof value !== 'object' && typeof value !== 'function') return undefined;
  const then = (value as { then?: unknown } | null)?.then;
  return typeof then === 'function' ? (then as Then<ScgiResponse>) : undefined;
}

/** Whether a value is a source of responses. Text and bytes are iterable, but neither is one. */
function isInput(value: unknown): value is ObservableInput<ScgiResponse> {
  return typeof value === 'object' && !isChunk(value) && isObservableInput(value);
}
