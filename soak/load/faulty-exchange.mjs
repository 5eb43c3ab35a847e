/** An exchange that can go wrong at a chosen place. */
import { createHash } from 'node:crypto';
import { ResponseParser, connectTo, endingOf } from './scgi-client.mjs';

/**
 * Sends bytes, and then ends the exchange in one of several ways.
 *
 * @param plan.bytes - what is sent.
 * @param plan.then - `read`: reads the whole response; `fin`: sends FIN and reads the whole response; `reset` or `close`: leaves,
 * with or without RST (a Unix socket has none); `hold`: reads nothing for `holdMs`, and then the whole response.
 * @param plan.delayMs - how long to wait before `then`. Default 0.
 * @param plan.after - bytes of the response, head included, to read before `then`. Default 0.
 * @returns `{ status, headers, bytes, digest, raw, complete, end }`: `raw` is the beginning of the response; `end` is `FIN`, the code
 * of an error, `left`, or `late` when the exchange has not ended in time.
 */
export function faultyExchange(
  address,
  { bytes, then, after = 0, delayMs = 0, holdMs = 0, timeoutMs = 20_000 },
) {
  return new Promise((resolve) => {
    const socket = connectTo(address, { allowHalfOpen: true });
    const parser = new ResponseParser();
    const hash = createHash('sha256');
    let raw = '';
    let received = 0;
    let total = 0;
    let acted = false;
    let over = false;
    const finish = (end) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      if (then === 'reset' && end === 'left' && !address.startsWith('unix:')) socket.resetAndDestroy();
      else socket.destroy();
      const complete = end === 'FIN' && parser.isComplete(received);
      const { status, headers } = parser;
      resolve({ status, headers, bytes: received, digest: hash.digest('hex'), raw, complete, end });
    };
    const timer = setTimeout(() => finish('late'), timeoutMs);
    const act = () => {
      if (acted || over) return;
      acted = true;
      if (then === 'fin') {
        socket.end();
      } else if (then === 'reset' || then === 'close') {
        finish('left');
      } else if (then === 'hold') {
        socket.pause();
        setTimeout(() => socket.resume(), holdMs);
      }
    };
    socket.on('connect', () => {
      socket.write(bytes, () => {
        if (after === 0) setTimeout(act, delayMs);
      });
    });
    socket.on('data', (chunk) => {
      total += chunk.length;
      if (raw.length < 1000) raw += chunk.toString('latin1');
      const data = parser.body(chunk);
      received += data.length;
      hash.update(data);
      if (after > 0 && total >= after) act();
    });
    socket.on('end', async () => finish((socket.writable ? await endingOf(socket) : undefined) ?? 'FIN'));
    socket.on('error', ({ code }) => finish(code));
  });
}
