import { BehaviorSubject } from 'rxjs';
import type { Flow } from '../../../lib/operators/flow/flow.js';

const gates = new WeakMap<Flow, BehaviorSubject<boolean>>();

/** Plays the gateway of a flow: while paused, it takes no more of the response. */
export function pauseOutput(flow: Flow, paused: boolean): void {
  const gate = gates.get(flow);
  if (gate) {
    gate.next(paused);
    return;
  }
  const first = new BehaviorSubject(paused);
  gates.set(flow, first);
  flow.holdOutput(first);
}

/** Whether a response waits for a change of the output. */
export function isWatched(flow: Flow): boolean {
  return (flow as unknown as { outputWatchers: readonly unknown[] }).outputWatchers.length > 0;
}
