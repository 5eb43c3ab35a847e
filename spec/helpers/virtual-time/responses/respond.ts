import { Subject } from 'rxjs';
import { encodeScgi } from '../../../../lib/operators/encode-scgi.js';
import { createFlow } from '../../../../lib/operators/flow/flow.js';
import type { ScgiResponse } from '../../../../lib/operators/types.js';
import { errorFacts } from '../marbles.js';
import { show } from '../../wire/wire.js';
import { pauseOutput } from '../play-flow.js';

export interface RespondOptions {
  /** After how many chunks the output is paused: the gateway takes no more. */
  readonly pauseAfter?: number;
  readonly requestMethod?: string | undefined;
}

/** Sends a response, and logs what goes out, `|` at the end, or the facts of the error. */
export function respond(response: ScgiResponse, { pauseAfter, requestMethod }: RespondOptions = {}) {
  const flow = createFlow();
  pauseOutput(flow, pauseAfter === 0);
  const sent: unknown[] = [];
  const responses = new Subject<ScgiResponse>();
  const subscription = responses.pipe(encodeScgi({ flow, requestMethod })).subscribe({
    next: (bytes) => {
      sent.push(show(bytes));
      if (sent.length === pauseAfter) pauseOutput(flow, true);
    },
    error: (error: unknown) => sent.push(errorFacts(error)),
    complete: () => sent.push('|'),
  });
  responses.next(response);
  responses.complete();
  return { sent, flow, subscription };
}
