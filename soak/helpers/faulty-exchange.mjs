/** An exchange that can go wrong where one wants it to. */
import { createHash } from 'node:crypto';
import { ResponseParser, connectTo, endingOf } from './scgi-client.mjs';

/**
 * Sends bytes, and then does something about it.
 *
 * @param plan.bytes - what is sent.
 * @param plan.then - `read`: takes all of the response; `fin`: sends FIN, and takes all of it; `reset` or `close`: leaves, with or
 * without RST, which a Unix socket has not; `hold`: takes nothing for `holdMs`, and then all of it.
 * @param plan.delayMs - how long it waits before `then`. Default 0.
 * @param plan.after - bytes of response, head included, that are taken before `then`; 0 for none. Default 0.
 * @returns `{ status, headers, bytes, digest, raw, complete, end }`: `raw` is how the response begins, `end` is `FIN`, an error's
 * code, `left`, or `late` when it has not ended in time.
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
