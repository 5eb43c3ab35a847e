/** The brake between a connection's two directions and the socket below. */
import {
  BehaviorSubject,
  NEVER,
  Observable,
  asyncScheduler,
  from,
  isObservable,
  type ObservableInput,
  type Subscription,
  type Unsubscribable,
} from 'rxjs';
import type { MetaVariables } from '../../core/headers/meta-variables.js';
import { verifyOptionNames } from '../../core/options.js';
import { quoted } from '../../core/text/quoted.js';
import type { Timekeeper } from '../exchange/idle-timer.js';

declare const OPAQUE: unique symbol;

/** Whether one direction of a connection is paused: an Observable that begins with its `value`, and emits changes. */
export interface FlowGate extends Observable<boolean> {
  /** Whether the direction is paused now. */
  readonly value: boolean;
}

/**
 * Backpressure of one connection as Observables: `true` means stop.
 *
 *     inputPaused:   f----t-----f--      a handler is busy: the socket is not read
 *     outputPaused:  f--t----f-----      the gateway is slow: a body is not pulled
 *
 * Flows come from the library: `createFlow()`, `flowOf(socket)`, `usingSocket`, `request.flow`. Each cause holds a gate for
 * itself: it opens when the last one has released it.
 */
export interface Flow {
  /** @internal Only the library makes flows. */
  readonly [OPAQUE]: true;
  /** Whether the socket is not to be read. */
  readonly inputPaused: FlowGate;
  /** Whether nothing more is to be written. */
  readonly outputPaused: FlowGate;
  /**
   * Pauses the input while `cause` has emitted `true` last.
   *
   *     cause:        --t---f--t-|
   *     inputPaused:  f-t---f--t-f
   *
   * The end of `cause`, and of the returned subscription, releases it. An error of `cause` is reported as RxJS reports one
   * that nobody handles.
   */
  holdInput(cause: ObservableInput<boolean>): Subscription;
  /** Pauses the output, as `holdInput` does the input. */
  holdOutput(cause: ObservableInput<boolean>): Subscription;
}

/** The engine's causes for a pause of the input: an untaken body, a full response queue. Bits, since they combine. */
export const HELD_BY_BODY = 1;
export const HELD_BY_RESPONSE = 2;

/** Other causes by their names: an application, the brake of `pullMap`, the system below the socket. */
export type Holder = 'holdInput' | 'holdOutput' | 'pullMap' | 'transport';

/** Gets each change of `inputHeld`. */
export interface InputWatcher {
  inputHeldChanged(held: boolean): void;
}

/** Gets each change of `outputHeld`. */
export interface OutputWatcher {
  outputHeldChanged(): void;
}

/** What the encoder and the writer of a connection ask and tell its decoder. */
export interface ResponseListener {
  readonly method: string;
  /** Whether somebody takes the body. */
  readonly bodyTaken: boolean;
  /** Whether somebody waits for more of the body, or may yet. */
  readonly bodyAwaited: boolean;
  /** In bytes, as the head of the request has it. */
  readonly contentLength: number;
  /** The response's head is out. */
  responseStarted(): void;
  /** The response is complete, has failed, or has been given up. */
  exchangeEnded(): void;
}

/** What a connection knows of its request. */
export interface EndingRequest {
  readonly variables: MetaVariables;
  /** The exchange is about to end by this error. */
  endsBy(error: unknown): void;
}

class Gate extends Observable<boolean> implements FlowGate {
  private readonly subject: BehaviorSubject<boolean>;

  constructor(value: boolean) {
    const subject = new BehaviorSubject(value);
    super((subscriber) => subject.subscribe(subscriber));
    this.subject = subject;
  }

  get value(): boolean {
    return this.subject.value;
  }

  /** @internal */
  set(value: boolean): void {
    this.subject.next(value);
  }
}

const NOBODY: readonly never[] = [];

/**
 * @internal The {@link Flow} itself, which counts the causes of each gate.
 *
 * Gates are made when somebody asks for them: most connections come and go without one.
 */
export class FlowState implements Flow {
  declare readonly [OPAQUE]: true;
  /** The decoder of this connection, for the encoder. */
  request: ResponseListener | undefined;
  /** Whether nothing more of the request will come, as its head says. */
  requestOver = false;
  /** The request, once its head has come. */
  incoming: EndingRequest | undefined;
  /** Whether an encoder writes the response: then it says when the exchange is over. */
  encoding = false;
  private inputGate: Gate | undefined;
  private outputGate: Gate | undefined;
  private inputCauses = 0;
  private inputHolders = 0;
  private outputHolders = 0;
  private inputWatchers: readonly InputWatcher[] = NOBODY;
  private outputWatchers: readonly OutputWatcher[] = NOBODY;

  /** @param keeper - measures the time of a connection where no other scheduler is asked for. */
  constructor(
    private readonly drainingOfTest: Observable<unknown> = NEVER,
    readonly keeper?: Timekeeper,
  ) {}

  /** Notifies when the server begins to drain, or has begun before. */
  get draining(): Observable<unknown> {
    return this.drainingOfTest;
  }

  get inputPaused(): FlowGate {
    return (this.inputGate ??= new Gate(this.inputHeld));
  }

  get outputPaused(): FlowGate {
    return (this.outputGate ??= new Gate(this.outputHeld));
  }

  /** `inputPaused.value`, without making the gate. */
  get inputHeld(): boolean {
    return this.inputCauses !== 0 || this.inputHolders !== 0;
  }

  /** `outputPaused.value`, without making the gate. */
  get outputHeld(): boolean {
    return this.outputHolders !== 0;
  }

  holdInput(cause: ObservableInput<boolean>): Subscription {
    return holdWhile(cause, (change) => this.countInput(change, 'holdInput'));
  }

  holdOutput(cause: ObservableInput<boolean>): Subscription {
    return holdWhile(cause, (change) => this.countOutput(change, 'holdOutput'));
  }

  /** Holds or releases the input for one of the engine's causes. */
  hold(cause: number, isHeld: boolean): void {
    const before = this.inputHeld;
    this.inputCauses = isHeld ? this.inputCauses | cause : this.inputCauses & ~cause;
    this.tellInput(before);
  }

  /** One holder of the input more, or one less. @param _holder - for those who watch. */
  countInput(change: 1 | -1, _holder: Holder): void {
    const before = this.inputHeld;
    this.inputHolders += change;
    this.tellInput(before);
  }

  /** One holder of the output more, or one less. @param _holder - for those who watch. */
  countOutput(change: 1 | -1, _holder: Holder): void {
    const before = this.outputHeld;
    this.outputHolders += change;
    if (this.outputHeld === before) return;
    this.outputGate?.set(!before);
    for (const watcher of this.outputWatchers) watcher.outputHeldChanged();
  }

  /** Tells of each change of `inputHeld`, as `inputPaused` does, without making the gate. */
  watchInput(watcher: InputWatcher): void {
    this.inputWatchers = [...this.inputWatchers, watcher];
  }

  unwatchInput(watcher: InputWatcher): void {
    this.inputWatchers = this.inputWatchers.filter((each) => each !== watcher);
  }

  /** Tells of each change of `outputHeld`, as `outputPaused` does, without making the gate. */
  watchOutput(watcher: OutputWatcher): void {
    this.outputWatchers = [...this.outputWatchers, watcher];
  }

  unwatchOutput(watcher: OutputWatcher): void {
    this.outputWatchers = this.outputWatchers.filter((each) => each !== watcher);
  }

  /** Calls `work` in a later turn of the event loop, when other connections have had theirs. */
  nextTurn(work: () => void): Unsubscribable {
    return asyncScheduler.schedule(work);
  }

  /** For the owner of a socket. */
  protected inputChanged(): void {
    // Without a socket, anybody who is interested subscribes.
  }

  private tellInput(before: boolean): void {
    if (this.inputHeld === before) return;
    this.inputGate?.set(!before);
    for (const watcher of this.inputWatchers) watcher.inputHeldChanged(!before);
    this.inputChanged();
  }
}

function holdWhile(cause: ObservableInput<boolean>, count: (change: 1 | -1) => void): Subscription {
  let isHeld = false;
  const hold = (next: boolean): void => {
    if (next === isHeld) return;
    isHeld = next;
    count(next ? 1 : -1);
  };
  const subscription = from(cause).subscribe(hold);
  subscription.add(() => hold(false));
  return subscription;
}

/**
 * Makes a {@link Flow} without a socket, for marble tests.
 *
 *     flow.holdOutput(hot('--t--f'))          // plays a slow gateway
 *     expectObservable(flow.inputPaused)      // shows that the decoder pauses the input
 *
 * @param options - `draining` becomes `request.draining`, to play a server that begins to drain. Default: it never emits.
 * @example
 * ```ts
 * import { createFlow, decodeScgi } from 'rxscgi';
 * import { cut, requestBytes } from 'rxscgi/testing';
 * import { from } from 'rxjs';
 *
 * const flow = createFlow();
 * flow.inputPaused.subscribe((paused) => console.log(paused));
 * // Nobody takes the body: once bodyHighWaterMark bytes wait, the input is paused.
 * const bytes = requestBytes({ method: 'POST', body: 'x'.repeat(1_000_000) });
 * from(cut(bytes, 500_000)).pipe(decodeScgi({ flow })).subscribe();
 * ```
 */
export function createFlow(options: { draining?: Observable<unknown> | undefined } = {}): Flow {
  verifyOptionNames('createFlow', options, { draining: true });
  const { draining } = options;
  if (draining !== undefined && !isObservable(draining))
    throw new TypeError(`draining must be an Observable, not ${quoted(draining)}`);
  return new FlowState(draining);
}

/** @internal The state behind a flow. @throws TypeError for an object that the library did not make. */
export function flowState(flow: Flow | undefined): FlowState | undefined {
  if (flow === undefined) return undefined;
  // By shape, not by class: the ESM and the CJS build may meet in one process.
  if (typeof (flow as Partial<FlowState> | null)?.hold === 'function') return flow as FlowState;
  throw new TypeError('flow must come from createFlow(), flowOf(socket), usingSocket or request.flow');
}
