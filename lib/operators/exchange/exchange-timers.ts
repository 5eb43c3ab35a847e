/** How long an exchange waits for its gateway and for its handler. */
import type { Subscription } from 'rxjs';
import { ScgiLimitError } from '../../core/errors/errors.js';
import type { HandleSettings } from '../engine-options.js';
import type { FlowState } from '../flow/flow.js';
import { IdleTimer, type Timekeeper } from './idle-timer.js';

const TIMEOUTS = {
  headersTimeoutMs: { code: 'ERR_SCGI_HEADERS_TIMEOUT', what: 'no complete head came' },
  bodyTimeoutMs: { code: 'ERR_SCGI_BODY_TIMEOUT', what: 'no more of the body came' },
  bodyTotalTimeoutMs: { code: 'ERR_SCGI_BODY_TOTAL_TIMEOUT', what: 'the body did not end' },
  handlerTimeoutMs: { code: 'ERR_SCGI_HANDLER_TIMEOUT', what: 'the handler gave no response' },
} as const;

type Timeout = keyof typeof TIMEOUTS;

/** The exchange whose time is measured. */
export interface TimedExchange {
  requestFailed(error: ScgiLimitError): void;
  handlerTimedOut(error: ScgiLimitError): void;
}

/** A class, because each connection that waits for a head has one: with a callback and its scopes, it would take 128 bytes more. */
class ExchangeTimer extends IdleTimer {
  constructor(
    private readonly timers: ExchangeTimers,
    private readonly timeout: Timeout,
    keeper: Timekeeper,
    ms: number,
  ) {
    super(keeper, ms);
  }

  protected override expired(): void {
    this.timers.expired(this.timeout);
  }
}

/** The timers of one exchange. Time during which we hold the input is not the gateway's, and does not count. */
export class ExchangeTimers {
  /** For the headers, then for the next chunk of the body. */
  private input: IdleTimer | undefined;
  /** For the whole body. */
  private total: IdleTimer | undefined;
  /** Before its last pause. */
  private totalUsedMs = 0;
  private totalSince = 0;
  private handler: IdleTimer | undefined;
  private holding: Subscription | undefined;

  constructor(
    private readonly settings: HandleSettings,
    private readonly flow: FlowState | undefined,
    private readonly keeper: Timekeeper,
    private readonly intake: { readonly bodyAwaited: boolean },
    private readonly exchange: TimedExchange,
  ) {
    this.input = this.start('headersTimeoutMs');
  }

  headersReceived(contentLength: number): void {
    this.input?.stop();
    if (contentLength === 0) return;
    this.input = this.start('bodyTimeoutMs');
    if (!this.flow) this.resumeTotal();
    // The first notification comes at once, and starts the total time unless the input is held.
    else this.holding = this.flow.inputPaused.subscribe((held) => this.inputHeld(held));
  }

  bodyProgressed(): void {
    if (!this.flow?.inputHeld) this.input?.start();
  }

  bodyEnded(): void {
    this.input?.stop();
    this.total?.stop();
    this.holding?.unsubscribe();
  }

  awaitResponse(): void {
    this.handler = this.start('handlerTimeoutMs');
  }

  responded(): void {
    this.handler?.stop();
  }

  stop(): void {
    this.bodyEnded();
    this.handler?.stop();
  }

  private inputHeld(held: boolean): void {
    if (held) {
      this.input?.stop();
      this.pauseTotal();
    } else {
      this.input?.start();
      this.resumeTotal();
    }
  }

  private resumeTotal(): void {
    const { bodyTotalTimeoutMs } = this.settings;
    if (bodyTotalTimeoutMs === Infinity || this.total) return;
    this.totalSince = this.keeper.now();
    this.total = this.start('bodyTotalTimeoutMs', bodyTotalTimeoutMs - this.totalUsedMs);
  }

  private pauseTotal(): void {
    if (!this.total) return;
    this.total.stop();
    this.total = undefined;
    this.totalUsedMs += this.keeper.now() - this.totalSince;
  }

  private start(option: Timeout, ms = this.settings[option]): IdleTimer | undefined {
    if (ms === Infinity) return undefined;
    const timer = new ExchangeTimer(this, option, this.keeper, ms);
    timer.start();
    return timer;
  }

  /** The time of a timer is over. */
  expired(option: Timeout): void {
    // nginx sends no more of an upload once it has the head of the response; the next chunk starts the time anew.
    if (option.startsWith('body') && !this.intake.bodyAwaited) return;
    const { code, what } = TIMEOUTS[option];
    const ms = this.settings[option];
    const error = new ScgiLimitError(code, `${what} within ${option}, ${ms} ms`, ms, ms);
    if (option === 'handlerTimeoutMs') this.exchange.handlerTimedOut(error);
    else this.exchange.requestFailed(error);
  }
}
