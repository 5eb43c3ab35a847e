/** A timeout between the chunks of a connection that does not count the time in which we pause it. */
import {
  Observable,
  Subscriber,
  asyncScheduler,
  type MonoTypeOperatorFunction,
  type SchedulerLike,
} from 'rxjs';
import { ScgiLimitError } from '../core/errors/errors.js';
import { verifyOptionNames, verifyTimeout, type OptionNames } from '../core/options.js';
import { verifyScheduler } from './engine-options.js';
import { IdleTimer, timekeeperOf, type Timekeeper } from './exchange/idle-timer.js';
import { flowState, type Flow, type FlowState, type InputWatcher } from './flow/flow.js';

/** Options of {@link idleTimeout}. */
export interface IdleTimeoutOptions {
  /** The flow of the connection. Without it, time in which the input is paused counts, too. */
  readonly flow?: Flow | undefined;
  /** The scheduler that measures the time. Default `asyncScheduler`, measured by a monotonic clock. */
  readonly scheduler?: SchedulerLike | undefined;
}

const IDLE_TIMEOUT_OPTIONS: OptionNames<IdleTimeoutOptions> = { flow: true, scheduler: true };

/**
 * Errors when the source is silent for too long.
 *
 *     source:          --a--b---------------c
 *     inputPaused:     f----t------f---------
 *     idleTimeout(4):  --a--b----------#
 *
 * RxJS's `timeout({ each })` also fires while the application is busy and the library itself has paused the input. This operator
 * does not count that time: it starts again from zero when the input is resumed. It does not error either while a response is being
 * sent and nobody reads the request's body, because nginx stops sending an upload when it has received the head of the response.
 *
 * Put it before `decodeScgi`, with the same flow: its error then becomes the error of the request and of its body.
 *
 * @param idleMs - how long the source may be silent, in milliseconds; `Infinity` for no limit.
 * @param options - the connection's flow; see {@link IdleTimeoutOptions}.
 * @returns an operator function that passes all values on.
 * @throws RangeError | TypeError at the call, when an argument is invalid.
 * Error notifications: ERR_SCGI_IDLE_TIMEOUT, and the source's own.
 * @example
 * ```ts
 * import { idleTimeout } from 'rxscgi';
 * import { flowOf, fromSocket, listen } from 'rxscgi/node';
 * import { mergeMap } from 'rxjs';
 *
 * listen('127.0.0.1:4000')
 *   .pipe(mergeMap((socket) => fromSocket(socket).pipe(idleTimeout(30_000, { flow: flowOf(socket) }))))
 *   .subscribe({ error: (error) => console.error(error.code) }); // ERR_SCGI_IDLE_TIMEOUT
 * ```
 */
export function idleTimeout<T>(
  idleMs: number,
  options: IdleTimeoutOptions = {},
): MonoTypeOperatorFunction<T> {
  verifyOptionNames('idleTimeout', options, IDLE_TIMEOUT_OPTIONS);
  const limitMs = verifyTimeout('idleMs', idleMs, Infinity);
  const flow = flowState(options.flow);
  const keeper = timekeeperOf(verifyScheduler(options.scheduler ?? asyncScheduler), flow);
  return (source) =>
    new Observable((destination) =>
      source.subscribe(new IdleSubscriber<T>(destination, limitMs, flow, keeper)),
    );
}

class IdleSubscriber<T> extends Subscriber<T> implements InputWatcher {
  private readonly timer: IdleTimer;
  /** Whether the time was over while nobody waited for more: the next chunk starts it anew. */
  private atRest = false;

  constructor(
    destination: Subscriber<T>,
    private readonly limitMs: number,
    private readonly flow: FlowState | undefined,
    keeper: Timekeeper,
  ) {
    super();
    this.destination = destination;
    this.timer = new IdleTimer(keeper, limitMs, () => this.expired());
    flow?.watchInput(this);
    if (!flow?.inputHeld) this.timer.start();
    // Last: a destination that is closed already unsubscribes at once.
    destination.add(this);
  }

  inputHeldChanged(held: boolean): void {
    this.atRest = false;
    if (held) this.timer.stop();
    else if (!this.closed) this.timer.start();
  }

  override unsubscribe(): void {
    if (this.closed) return;
    this.timer.stop();
    this.flow?.unwatchInput(this);
    super.unsubscribe();
  }

  protected override _next(value: T): void {
    if (this.atRest && !this.flow?.inputHeld) this.inputHeldChanged(false);
    else this.timer.touch();
    super._next(value);
  }

  private expired(): void {
    if (this.flow?.request?.bodyAwaited ?? true) this.destination.error(idleError(this.limitMs));
    else this.atRest = true;
  }
}

function idleError(idleMs: number): ScgiLimitError {
  return new ScgiLimitError('ERR_SCGI_IDLE_TIMEOUT', `nothing came for ${idleMs} ms`, idleMs, idleMs);
}
