/** Sends an upload back while it arrives, transformed: an Observable body that is derived from the request body. */
import { map, of } from 'rxjs';
import { serve } from '../helpers/serve.mjs';

export function transform(chunk) {
  const result = new Uint8Array(chunk.length);
  for (let i = 0; i < chunk.length; i++) result[i] = chunk[i] ^ 0x20;
  return result;
}

export function start(options) {
  return serve((request) => of({ body: request.body.pipe(map(transform)) }), options);
}
