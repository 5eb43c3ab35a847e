/** A handler that has something to do: what `workers` serves beside "Hello, world". */
import { createHash } from 'node:crypto';
import { of } from 'rxjs';

/** About half a millisecond of CPU. */
const ROUNDS = 250;

export default ({ path }) => {
  let digest = path;
  for (let i = 0; i < ROUNDS; i++) digest = createHash('sha256').update(digest).digest('hex');
  return of({ status: 200, headers: { 'Content-Type': 'text/plain' }, body: digest });
};
