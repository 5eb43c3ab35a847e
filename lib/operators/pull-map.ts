/** Flow control from a slow consumer back to the socket. */
import {
  Observable,
  finalize,
  from,
  mergeMap,
  tap,
  type ObservableInput,
  type OperatorFunction,
  type Subscriber,
  type Subscription,
} from 'rxjs';
import { ScgiUsageError } from '../core/errors/errors.js';
import { verifyLimit, verifyOptionNames } from '../core/options.js';
import type { BodyChannel } from './request/body-channel.js';
import { flowState, type Flow, type FlowState } from './flow/flow.js';
import { ForwardingSubscriber } from './flow/forwarding-subscriber.js';
import { DerivedBody, failSubscriber, rootChannelOf } from './request/derived-body.js';
import { channelOf } from './request/request-body.js';

/** Options of {@link pullMap}. */
export interface PullMapOptions {
  /** Inner sources at a time, at least 1. Default 1. */
  readonly concurrent?: number | undefined;
  /** The flow of the connection. Needed when the source is not derived from a request's body by `pipe`. Default: the body's flow. */
  readonly flow?: Flow | undefined;
}

/**
 * Maps like `concatMap`, and reads the next chunk of a request's body only when the inner source has completed.
 * With `concurrent`, maps like `mergeMap`, and reads while fewer than `concurrent` inner sources are active.
 *
 *     request.body:       a-b-c|        (as the gateway sends)
 *     project:            ----x|        (for each)
 *     pullMap(project):   ----x----x----x|
 *     held meanwhile:     up to bodyHighWaterMark bytes; then flow.inputPaused is true
 *
 * Applied to `request.body` itself, it asks for the next chunk when a slot is free. Applied to a source that is derived from the
 * body by `pipe`, such as its lines, it pauses the connection's input while no slot is free, and queues what has already been read.
 * For any other source, such as `defer(() => body)` or `concat(body, more)`, give it the `flow` to pause:
 *
 *     concat(head, request.body).pipe(pullMap(save, { flow: request.flow }))
 *
 * `from(asyncIterable)` followed by `concatMap` does not pause anything: it reads the whole iterable and queues it.
 *
 * @param project - returns an inner source for a value and its index; the result emits the values of the inner sources.
 * @param options - the number of inner sources at a time, and the connection's flow; see {@link PullMapOptions}.
 * @throws RangeError | TypeError at the call, when an option is invalid.
 * @throws ScgiUsageError ERR_SCGI_NO_FLOW when applied to a source that it can neither pull nor pause.
 * Error notifications: the source's, the inner sources', and what `project` throws.
 * @example
 * ```ts
 * import { open } from 'node:fs/promises';
 * import { pullMap, type ScgiRequest } from 'rxscgi';
 * import { concat, defer, from, ignoreElements, of, switchMap } from 'rxjs';
 *
 * // The next chunk is read from the socket when this one is on the disk.
 * const upload = (request: ScgiRequest) =>
 *   from(open('/srv/upload', 'w')).pipe(
 *     switchMap((file) =>
 *       concat(
 *         request.body.pipe(pullMap((chunk) => file.write(chunk)), ignoreElements()),
 *         defer(() => file.close()).pipe(ignoreElements()),
 *         of({ status: 204 }),
 *       ),
 *     ),
 *   );
 * ```
 */
export function pullMap<T, R>(
  project: (value: T, index: number) => ObservableInput<R>,
  options: PullMapOptions = {},
): OperatorFunction<T, R> {
  verifyOptionNames('pullMap', options, { concurrent: true, flow: true });
  const slots = verifyLimit('concurrent', options.concurrent, 1);
  const ownFlow = flowState(options.flow);
  return (source) => {
    const channel = slots === Infinity ? undefined : channelOf(source);
    // What carries a channel is a body, whose values are bytes: T is Uint8Array.
    if (channel) return pulledMap(channel, project as unknown as Project<Uint8Array, R>, slots);
    const root = rootChannelOf(source);
    const flow = ownFlow ?? root?.flow;
    if (!flow && slots !== Infinity) throw noFlow();
    const subscribe = (destination: Subscriber<R>): Subscription =>
      brakedMap(source, project, slots, flow).subscribe(destination);
    return root ? new DerivedBody(root, subscribe) : new Observable(subscribe);
  };
}

function noFlow(): ScgiUsageError {
  return new ScgiUsageError(
    'ERR_SCGI_NO_FLOW',
    'pullMap can neither pull this source nor brake it: apply it to request.body, to what derives from that by pipe, ' +
      'or give it the connection, { flow: request.flow }',
  );
}

type Project<T, R> = (value: T, index: number) => ObservableInput<R>;

/** Straight from a body: a pull for each free slot. */
function pulledMap<R>(channel: BodyChannel, project: Project<Uint8Array, R>, slots: number): Observable<R> {
  return new DerivedBody(channel, (destination) => {
    let index = 0;
    let active = 0;
    let ended = false;
    const run = (data: Uint8Array): void => {
      const inner = new ForwardingSubscriber<R>(
        {
          next: (value) => destination.next(value),
          error: (error) => destination.error(error),
          complete: () => {
            active--;
            if (!ended) channel.pull();
            else if (active === 0) destination.complete();
          },
          finalizerThrew: (fault) => destination.error(fault),
        },
        'before',
      );
      // Before it begins: a synchronous one may be all that the subscriber wants.
      destination.add(inner);
      from(project(data, index++)).subscribe(inner);
    };
    const used = channel.subscribePulling(
      {
        next: (data) => {
          active++;
          try {
            run(data);
          } catch (error) {
            destination.error(error);
          }
        },
        error: (error) => failSubscriber(destination, channel, error),
        complete: () => {
          ended = true;
          if (active === 0) destination.complete();
        },
      },
      'pullMap',
    );
    if (used) {
      destination.error(used);
      return;
    }
    destination.add(() => channel.drop());
    for (let slot = 0; slot < slots && !destination.closed; slot++) channel.pull();
  });
}

/** The source pushes, and the connection is held while no slot is free. */
function brakedMap<T, R>(
  source: Observable<T>,
  project: Project<T, R>,
  slots: number,
  flow: FlowState | undefined,
): Observable<R> {
  let pending = 0;
  let over = false;
  let holding = false;
  const count = (change: number): void => {
    pending += change;
    const full = pending >= slots && !over;
    if (full === holding) return;
    holding = full;
    flow?.countInput(full ? 1 : -1, 'pullMap');
  };
  return source.pipe(
    tap(() => count(1)),
    mergeMap((value, index) => from(project(value, index)).pipe(finalize(() => count(-1))), slots),
    // Inner sources may be finalized after this, and chunks that wait for a slot never are.
    finalize(() => {
      over = true;
      count(0);
    }),
  );
}
