/** The subscription to what a handler gives. */
import { Subscriber } from 'rxjs';
import type { ScgiResponse } from './types.js';

/** Who called the handler. */
export interface HandlerOwner {
  respond(response: ScgiResponse): void;
  fail(error: unknown): void;
  handlerCompleted(): void;
}

/** There before the handler's Observable is subscribed, so that a synchronous one can be stopped. */
export class HandlerSubscriber extends Subscriber<ScgiResponse> {
  constructor(private readonly owner: HandlerOwner) {
    super();
  }

  protected override _next(response: ScgiResponse): void {
    this.owner.respond(response);
  }

  protected override _error(error: unknown): void {
    this.unsubscribe();
    this.owner.fail(error);
  }

  protected override _complete(): void {
    this.unsubscribe();
    this.owner.handlerCompleted();
  }
}
