/** Reports what happens in an exchange. */
import type { Unsubscribable } from 'rxjs';
import type { HandleSettings } from '../engine-options.js';
import type { RequestIntake } from '../request/request-intake.js';
import type { ScgiRequest } from '../types.js';

/** Receives the lifecycle events of an exchange. */
export interface ExchangeObserver {
  /** The headers are complete, and the handler is about to be called. */
  request?(request: ScgiRequest): void;
  /** The body is complete. */
  requestCompleted?(): void;
  /** The head of a response with this status is out; its body is still to come. */
  started?(status: number): void;
  /** All of the response, with this status, has been handed to the output. */
  response?(status: number): void;
  /** Something went wrong, on either side. */
  failure?(error: unknown, request: ScgiRequest | undefined): void;
  /** The signal of the request is to be aborted: calls `abort`, in which listeners of the application run. */
  aborting?(abort: () => void): void;
  /** The exchange reads no more. */
  released?(): void;
}

/** Tells the observer of one exchange, and runs foreign code that must not stop what comes after it. */
export class ExchangeReporter {
  private reported: { readonly error: unknown } | undefined;
  private released = false;

  constructor(
    private readonly observer: ExchangeObserver,
    private readonly onError: HandleSettings['onError'],
    private readonly intake: RequestIntake,
  ) {}

  /** @param isReason - whether the error ends the exchange: the signal of the request gets it. */
  report(error: unknown, isReason = false): void {
    if (isReason) this.intake.request?.endsBy(error);
    // A handler, or a response, may pass on the error of the body.
    if (this.reported && this.reported.error === error) return;
    this.reported = { error };
    const { observer } = this;
    const { request } = this.intake;
    observer.failure?.(error, request);
    try {
      this.onError(error, request);
    } catch (thrown) {
      // Thrown on, it would end the process, and all other connections with it.
      observer.failure?.(thrown, request);
    }
  }

  /** Makes the observer leave the source, once. */
  leaveSource(): void {
    if (this.released) return;
    this.released = true;
    this.observer.released?.();
  }

  /** Runs an error callback of a body, or a finalizer. */
  guard(step: () => void): void {
    try {
      step();
    } catch (thrown) {
      this.report(thrown);
    }
  }

  /** Aborts the signal of the request. Listeners cannot throw into this call, but into the process. */
  abort(): void {
    const { observer } = this;
    const { request } = this.intake;
    if (request?.signalTaken && observer.aborting) observer.aborting(() => request.abort());
    else request?.abort();
  }

  /** The body of the request breaks off. @param readAside - see `HandlerCall`. */
  failBody(error: unknown, readAside: boolean | undefined): void {
    try {
      this.intake.channel?.fail(error, readAside);
    } catch (thrown) {
      this.report(thrown);
    }
  }

  /** Nobody needs the rest of the body. @param readAside - see `HandlerCall`. */
  abandonBody(readAside: boolean | undefined): void {
    const { intake } = this;
    try {
      intake.channel?.abandon(intake.bytesRead, readAside);
    } catch (thrown) {
      this.report(thrown);
    }
  }

  release(subscription: Unsubscribable | undefined): void {
    try {
      subscription?.unsubscribe();
    } catch (thrown) {
      this.report(thrown);
    }
  }
}
