/** An AbortSignal for code that cannot be unsubscribed: `fetch`, a database driver, an async handler. */

/** Makes the signal of a request when somebody asks for it, also after it was aborted. */
export class RequestSignal {
  private controller: AbortController | undefined;
  private aborted = false;
  private reason: unknown;

  /** Whether somebody has asked for the signal. */
  get taken(): boolean {
    return this.controller !== undefined;
  }

  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.aborted) this.controller.abort(this.reason);
    }
    return this.controller.signal;
  }

  /** Sets what the signal's listeners get when it is aborted; by default, or by `undefined`, the platform's `AbortError`. */
  setReason(reason: unknown): void {
    if (!this.aborted) this.reason = reason;
  }

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    this.controller?.abort(this.reason);
  }
}
