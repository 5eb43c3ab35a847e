/** Flow control from a slow consumer back to the socket. */
import {
  type Observable,
  finalize,
  from,
  mergeMap,
  tap,
  type ObservableInput,
  type OperatorFunction,
} from 'rxjs';
import { verifyLimit } from '../core/options.js';
import type { BodyChannel } from './request/body-channel.js';
import { EarlySubscriber } from './early-subscriber.js';
import { DerivedBody, failSubscriber, rootChannelOf } from './request/derived-body.js';
import { channelOf } from './request/request-body.js';

/**
 * As `mergeMap` with `concurrent` (as `concatMap` with 1), but asks a request's body for the next chunk only when there is
 * room for it, so that a slow `project` brakes the sender.
 *
 *     request.body:       a-b-c|        (as the gateway sends)
 *     project:            ----x|        (for each)
 *     pullMap(project):   ----x----x----(x|)
 *     held meanwhile:     up to bodyHighWaterMark bytes; then flow.inputPaused is true
 *
 * Over an Observable that derives from a body by operators (`body.pipe(map(f), pullMap(g))`, `body.pipe(pullMap(f),
 * pullMap(g))`) it holds `inputPaused` while no slot is free, and what comes all the same queues. Over any other,
 * `defer(() => body)` or `concat(body, more)` say, it is `mergeMap`, which neither brakes nor bounds its queue. Nor does
 * `from(asyncIterable)` followed by `concatMap`: it takes everything and queues it.
 *
 * @param project - from a chunk and its index to an inner source, whose values are the result's.
 * @param concurrent - inner sources at a time, at least 1. Default 1.
 * @throws RangeError at the call, when `concurrent` is invalid.
 * Error notifications: the source's, the inner sources', and what `project` throws.
 */
export function pullMap<T, R>(
  project: (value: T, index: number) => ObservableInput<R>,
  concurrent = 1,
): OperatorFunction<T, R> {
  const slots = verifyLimit('concurrent', concurrent, 1);
  return (source) => {
    const channel = slots === Infinity ? undefined : channelOf(source);
    // What carries a channel is a body, whose values are bytes: T is no other.
    if (channel) return pulledMap(channel, project as unknown as Project<Uint8Array, R>, slots);
    const root = rootChannelOf(source);
    return root ? brakedMap(source, project, slots, root) : source.pipe(mergeMap(project, slots));
  };
}

type Project<T, R> = (value: T, index: number) => ObservableInput<R>;

/** Straight from a body: a pull for each free slot. */
function pulledMap<R>(channel: BodyChannel, project: Project<Uint8Array, R>, slots: number): Observable<R> {
  return new DerivedBody(channel, (destination) => {
    let index = 0;
    let active = 0;
    let ended = false;
    const run = (data: Uint8Array): void => {
      const inner = new EarlySubscriber<R>({
        next: (value) => destination.next(value),
        error: (error) => destination.error(error),
        complete: () => {
          active--;
          if (!ended) channel.pull();
          else if (active === 0) destination.complete();
        },
      });
      // Before it begins: a synchronous one may be all that the subscriber wants.
      destination.add(inner);
      from(project(data, index++)).subscribe(inner);
    };
    const used = channel.subscribePulling({
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
    });
    if (used) {
      destination.error(used);
      return;
    }
    destination.add(() => channel.drop());
    for (let slot = 0; slot < slots && !destination.closed; slot++) channel.pull();
  });
}

/** Behind other operators: the body pushes, and the socket is held while no slot is free. */
function brakedMap<T, R>(
  source: Observable<T>,
  project: Project<T, R>,
  slots: number,
  root: BodyChannel,
): Observable<R> {
  return new DerivedBody(root, (destination) => {
    let pending = 0;
    let over = false;
    let holding = false;
    const count = (change: number): void => {
      pending += change;
      const full = pending >= slots && !over;
      if (full === holding) return;
      holding = full;
      root.holdForPuller(full);
    };
    return source
      .pipe(
        tap(() => count(1)),
        mergeMap((value, index) => from(project(value, index)).pipe(finalize(() => count(-1))), slots),
        // Inner sources may be finalized after this, and chunks that wait for a slot never are.
        finalize(() => {
          over = true;
          count(0);
        }),
      )
      .subscribe(destination);
  });
}
