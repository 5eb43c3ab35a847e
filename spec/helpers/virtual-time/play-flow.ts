import { BehaviorSubject } from 'rxjs';
import type { Flow, FlowGate } from '../../../lib/operators/flow/flow.js';

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

/** Whether somebody listens to a gate. */
export function isObserved(gate: FlowGate): boolean {
  return (gate as unknown as { subject: BehaviorSubject<boolean> }).subject.observed;
}
