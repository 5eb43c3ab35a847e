/** The brake between a connection's two directions and the socket below. */
import { BehaviorSubject, asyncScheduler, type Unsubscribable } from 'rxjs';

/**
 * Backpressure as Observables: `true` means stop.
 *
 * `inputPaused` is written by the decoder and the encoder and obeyed by whoever reads the socket; `outputPaused` is
 * written by whoever writes the socket and obeyed by the encoder. One `Flow` belongs to one connection.
 */
export interface Flow {
  readonly inputPaused: BehaviorSubject<boolean>;
  readonly outputPaused: BehaviorSubject<boolean>;
}

/** Why the input is paused: an untaken body, a full response queue, a busy `pullMap`. Bits, as they combine. */
export const HELD_BY_BODY = 1;
export const HELD_BY_RESPONSE = 2;
export const HELD_BY_PULL = 4;

/** What the encoder tells the decoder of the same connection. */
export interface ResponseListener {
  readonly method: string;
  /** Whether somebody takes the body. */
  readonly bodyTaken: boolean;
  /** Whether somebody waits for more of the body, or may yet. */
  readonly bodyAwaited: boolean;
  /** The response's head is out. */
  responseStarted(): void;
  /** The response is complete, has failed, or has been given up. */
  exchangeEnded(): void;
}

/** A gate that tells its owner as well. */
class Gate extends BehaviorSubject<boolean> {
  constructor(private readonly changed: (() => void) | undefined) {
    super(false);
  }

  override next(paused: boolean): void {
    super.next(paused);
    this.changed?.();
  }
}

/**
 * @internal A {@link Flow} that combines the causes of `inputPaused`, so that nobody overwrites another's.
 *
 * The gates are made when somebody asks for them: most connections come and go without one.
 */
export class FlowState implements Flow {
  /** The decoder of this connection, for the encoder. */
  request: ResponseListener | undefined;
  private inputGate: Gate | undefined;
  private outputGate: Gate | undefined;
  private causes = 0;

  get inputPaused(): BehaviorSubject<boolean> {
    return (this.inputGate ??= new Gate(() => this.inputChanged()));
  }

  get outputPaused(): BehaviorSubject<boolean> {
    return (this.outputGate ??= new Gate(undefined));
  }

  /** `inputPaused.value`, without making the gate. */
  get inputHeld(): boolean {
    return this.inputGate?.value ?? false;
  }

  /** `outputPaused.value`, without making the gate. */
  get outputHeld(): boolean {
    return this.outputGate?.value ?? false;
  }

  hold(cause: number, held: boolean): void {
    const causes = held ? this.causes | cause : this.causes & ~cause;
    if (causes === this.causes) return;
    const changed = (causes === 0) !== (this.causes === 0);
    this.causes = causes;
    if (changed) this.inputPaused.next(causes !== 0);
  }

  /** Calls `work` in a later turn of the event loop, when other connections have had theirs. */
  nextTurn(work: () => void): Unsubscribable {
    return asyncScheduler.schedule(work);
  }

  /** For whoever reads a socket. */
  protected inputChanged(): void {
    // Without a socket, whoever is interested subscribes.
  }
}

/**
 * Makes a {@link Flow} without a socket, for marble tests.
 *
 *     flow.outputPaused.next(true)            // play the slow gateway
 *     expectObservable(flow.inputPaused)      // see the decoder brake
 */
export function createFlow(): Flow {
  return new FlowState();
}

/** @internal The state behind a flow. @throws TypeError for an object that the library did not make. */
export function flowState(flow: Flow | undefined): FlowState | undefined {
  if (flow === undefined) return undefined;
  // By shape, not by class: the ESM and the CJS build may meet in one process.
  if (typeof (flow as Partial<FlowState>).hold === 'function') return flow as FlowState;
  throw new TypeError('flow must come from createFlow() or flowOf(socket)');
}
