// Runs on each machine: an application that keeps no state. Its answers name the machine that they come from.
//
//     rxscgi serve handler.mjs --listen 10.0.0.11:4000 --workers auto
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { delay, map, of } from 'rxjs';

const machine = process.env.MACHINE ?? hostname();

/** GET answers after 10 ms, PUT with the checksum of the body. Both can be repeated without harm. */
export default function handle(request) {
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return of(json({ machine, path: request.path })).pipe(delay(10));
    case 'PUT':
      return request.bytes().pipe(map((bytes) => json({ machine, sha256: sha256(bytes) })));
    default:
      return of({ status: 405, headers: { Allow: 'GET, HEAD, PUT' } });
  }
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

function json(value) {
  return { headers: { 'Content-Type': 'application/json' }, body: `${JSON.stringify(value)}\n` };
}
