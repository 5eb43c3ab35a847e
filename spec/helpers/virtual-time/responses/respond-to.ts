import type { RunHelpers } from 'rxjs/testing';
import { encodeScgi } from '../../../../lib/operators/encode-scgi.js';
import { createFlow } from '../../../../lib/operators/flow/flow.js';
import type { ScgiResponse } from '../../../../lib/operators/types.js';
import { pauseOutput } from '../play-flow.js';

const PAUSED = { f: false, t: true };

/** A response in frame 0, to a gateway that takes no more while `output` is true. */
export function respondTo(
  { hot, cold }: RunHelpers,
  output: string,
  body: ScgiResponse['body'],
  maxQueuedBytes?: number,
  headers: Record<string, string> = {},
) {
  const flow = createFlow();
  pauseOutput(flow, output.trim().startsWith('t'));
  hot(output, PAUSED).subscribe((paused) => pauseOutput(flow, paused));
  const responses = cold<ScgiResponse>('(r|)', { r: { headers, body } });
  return { flow, result: responses.pipe(encodeScgi({ flow, maxQueuedBytes })) };
}
