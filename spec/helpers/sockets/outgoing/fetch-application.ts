/** Fetches from applications: served by `serveScgi`, and by hand. */
import type { Socket } from 'node:net';
import type { ScgiHandler } from '../../../../lib/index.js';
import { scgiFetch, type ScgiFetchOptions } from '../../../../lib/node/index.js';
import { answering, raw, serve } from './call-application.js';

export const fetchOf = async (handler: ScgiHandler, options?: ScgiFetchOptions): Promise<typeof fetch> =>
  scgiFetch(await serve(handler), options);
export const fetchFrom = async (answer: (socket: Socket) => void): Promise<typeof fetch> =>
  scgiFetch(await raw(answering(answer)));

/** A stream that gives its chunks when it is asked. */
export function streamOf(...chunks: string[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(encoder.encode(chunk));
    },
  });
}
