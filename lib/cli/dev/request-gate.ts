/** Stands between the front end of `rxscgi dev` and the application: forwards requests, lets them wait, or says what failed. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import {
  BehaviorSubject,
  NEVER,
  defer,
  filter,
  finalize,
  fromEvent,
  map,
  merge,
  take,
  takeUntil,
  tap,
  timer,
  type Observable,
} from 'rxjs';
import { statusOf } from '../../node/gateway/gateway-faults.js';
import { NEWS_FIELD, answerFailure, answerStatus, answerUnavailable, type Failure } from './failure-page.js';

/** What the application can do for a request. */
type GateState =
  /** Requests wait. */
  | { readonly type: 'starting' }
  | { readonly type: 'ready'; readonly forward: RequestListener }
  /** A change of the code is awaited. */
  | { readonly type: 'failed'; readonly failure: Failure }
  /** The command ends. */
  | { readonly type: 'over' };

/** How often responses are looked at while the application is to end. */
const POLL_MS = 20;

type SettledState = Exclude<GateState, { type: 'starting' }>;

/** What a request gets, at once or after a wait. */
type Settled = SettledState | { readonly type: 'late' | 'full' };

export interface GateOptions {
  /** Whether a request comes from this machine: it may see what failed. */
  readonly isTrusted: (request: IncomingMessage) => boolean;
  /** How long a request waits for the application, in milliseconds. Default 30 000. */
  readonly waitMs?: number;
  /** Requests that wait at once; beyond: 503. Default 100; a browser sends six. */
  readonly maxWaiting?: number;
  /** How long after the loss of a connection the end of the process is known, at the latest, in milliseconds. Default 1 000. */
  readonly crashMs?: number;
}

/**
 * The gate.
 *
 *     state:      starting---ready---starting---failed--
 *     requests:   -a---b-------c-------d-----------e----
 *     forwarded:  -----------(ab)-c---------------------
 *     told why:   ------------------------------d--e----
 */
export class RequestGate {
  private readonly states = new BehaviorSubject<GateState>({ type: 'starting' });
  /** Identifies the latest failure or recovery, also among those of another process on the same port. */
  private news = '';
  private newsCount = 0;
  private waiting = 0;
  /** Responses and requests that the application has. */
  private readonly forwarded = new Map<ServerResponse, IncomingMessage>();
  private readonly options: Required<GateOptions>;

  constructor(options: GateOptions) {
    this.options = { waitMs: 30_000, maxWaiting: 100, crashMs: 1000, ...options };
  }

  readonly listener: RequestListener = (request, response) => {
    const seen = request.headers[NEWS_FIELD];
    this.whenSettled(response, seen, (state) => {
      if (seen === undefined) this.answer(state, request, response);
      // The page asks again after any other answer.
      else response.writeHead(state.type === 'ready' || state.type === 'failed' ? 204 : 503).end();
    });
  };

  set(state: GateState): void {
    // An application that is ready too late is told to end.
    if (this.states.value.type === 'over') return;
    if (state.type === 'ready' || state.type === 'failed') this.news = `${process.pid}.${++this.newsCount}`;
    this.states.next(state);
  }

  /**
   * Answers a request that the application did not answer. If it has crashed, that is known a moment later.
   *
   * @param error - the gateway's.
   */
  explain(error: unknown, request: IncomingMessage, response: ServerResponse): void {
    const status = statusOf(error);
    if (status !== 502) {
      answerStatus(request, response, status);
      return;
    }
    merge(this.states.pipe(filter(({ type }) => type === 'failed')), timer(this.options.crashMs))
      .pipe(take(1), takeUntil(fromEvent(response, 'close')))
      .subscribe((state) => {
        if (state === 0) answerStatus(request, response, status);
        else this.answer(state as SettledState, request, response);
      });
  }

  /**
   * Notifies when the application has answered all forwarded requests, at least with a head, and may be told to drain; or after
   * `patienceMs`, when all have been cut. An application that drains accepts no connection, and some requests may not have one yet.
   *
   * Event streams are cut at once, because they hardly end by themselves. Browsers connect again, and then wait.
   */
  quiet(patienceMs: number): Observable<unknown> {
    return defer(() => {
      for (const [response, { headers }] of this.forwarded) {
        if (headers.accept?.includes('text/event-stream')) response.destroy();
      }
      const answered = timer(0, POLL_MS).pipe(filter(() => this.isAnswered()));
      const impatient = patienceMs === Infinity ? NEVER : timer(patienceMs).pipe(tap(() => this.cut()));
      return merge(answered, impatient).pipe(take(1));
    });
  }

  private isAnswered(): boolean {
    for (const [response, { socket }] of this.forwarded) {
      // Pipelined behind another one, a response is not told that its client has left.
      if (socket.destroyed) this.forwarded.delete(response);
      else if (!response.headersSent) return false;
    }
    return true;
  }

  private cut(): void {
    for (const response of this.forwarded.keys()) response.destroy();
  }

  /**
   * Calls back once, when requests need not wait any longer.
   *
   * @param seen - the news that the client has; it waits for others.
   */
  private whenSettled(response: ServerResponse, seen: unknown, settled: (state: Settled) => void): void {
    const isNew = (state: GateState): state is SettledState =>
      state.type === 'over' || (state.type !== 'starting' && this.news !== seen);
    const { value } = this.states;
    if (isNew(value)) {
      settled(value);
      return;
    }
    if (this.waiting >= this.options.maxWaiting) {
      settled({ type: 'full' });
      return;
    }
    this.waiting++;
    const late = timer(this.options.waitMs).pipe(map((): Settled => ({ type: 'late' })));
    merge(this.states.pipe(filter(isNew)), late)
      .pipe(
        take(1),
        takeUntil(fromEvent(response, 'close')),
        finalize(() => this.waiting--),
      )
      .subscribe(settled);
  }

  private answer(state: Settled, request: IncomingMessage, response: ServerResponse): void {
    switch (state.type) {
      case 'ready':
        this.forwarded.set(response, request);
        response.on('close', () => this.forwarded.delete(response));
        state.forward(request, response);
        break;
      case 'failed': {
        const isTrusted = this.options.isTrusted(request);
        answerFailure(request, response, state.failure, { isTrusted, seen: this.news });
        break;
      }
      default:
        answerUnavailable(request, response, state.type);
    }
  }
}
