/**
 * An upload is sent back while it arrives (`body: request.body.pipe(map(transform))`) to a client that reads 20 MB/s.
 *
 * - Directly, and through lighttpd: the client sends as fast as it can, so that backpressure must reach it.
 * - Through nginx with both bufferings off. After nginx has passed on the head of a response, it stops sending the upload at the
 *   first write that the application does not take at once (`ngx_http_upstream_send_request_handler`). The client therefore keeps
 *   at most 1 MiB of the upload unreturned.
 * - The same without that limit: nginx stalls. The exchange must end in time, and must not look complete.
 */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { transform } from '../apps/echo.mjs';
import { mib } from '../helpers/figures.mjs';
import { upload } from '../load/http-client.mjs';
import { MIB } from '../../bench/shared/memory.mjs';
import { pattern, patternDigest } from '../helpers/pattern.mjs';
import { ResponseParser, connectTo, exchange, headOf } from '../load/scgi-client.mjs';
import { readSlowly } from '../load/slowly.mjs';
import { writeAll } from '../load/write-all.mjs';

const BYTES_PER_SECOND = 20e6;
const MAX_GROWTH = 48 * MIB;
const WINDOW = MIB;
const UNBUFFERED = ['scgi_request_buffering off;', 'scgi_buffering off;'];
const BODY_TIMEOUT_MS = 2000;

export async function run(scope) {
  const bytes = (scope.short ? 128 : 1024) * MIB;
  const size = mib(bytes);
  await echo(scope, `${size} straight over TCP`, bytes, ({ address }) => straight(address, bytes));
  if (scope.needs('lighttpd', `${size} through lighttpd, streaming both ways`)) {
    await echo(scope, `${size} through lighttpd, streaming both ways`, bytes, async ({ address }) => {
      const { url } = await scope.lighttpd(address);
      return throughGateway(url, pattern(bytes), bytes, new Reader());
    });
  }
  if (!scope.needs('nginx', `${size} through nginx, buffering off both ways`)) return;
  await echo(scope, `${size} through nginx, buffering off both ways`, bytes, async ({ address }) => {
    const { url } = await scope.nginx(address, UNBUFFERED);
    const reader = new Reader();
    return throughGateway(url, within(WINDOW, pattern(bytes), reader), bytes, reader);
  });
  await stall(scope, bytes);
}

/** Reads what is sent back. */
class Reader {
  bytes = 0;
  #hash = createHash('sha256');

  take(chunk) {
    this.#hash.update(chunk);
    this.bytes += chunk.length;
  }

  digest() {
    return this.#hash.digest('hex');
  }
}

function echo(scope, what, bytes, send) {
  return scope.attempt(what, () => echoOne(scope, what, bytes, send));
}

async function echoOne(scope, what, bytes, send) {
  const app = await scope.child('echo', { listen: '127.0.0.1:0', lenientContentLength: true });
  await exchange(app.info);
  const { rss: idle } = await app.ask('memory');
  await app.ask('resetPeakRss');
  const started = performance.now();
  const reader = await send({ address: app.info });
  const seconds = (performance.now() - started) / 1000;
  const growth = (await app.ask('peakRss')) - idle;
  const right = reader.bytes === bytes && reader.digest() === patternDigest(bytes, transform);
  scope.checkAll(what, [
    [right ? 'checksum right' : `checksum WRONG, ${mib(reader.bytes)}`, 'right', right],
    [`RSS above idle ${mib(growth)}`, mib(MAX_GROWTH), growth <= MAX_GROWTH],
    [`${(bytes / 1e6 / seconds).toFixed(1)} MB/s`, 'about 20', true],
    await scope.stopClean(app),
  ]);
}

async function straight(address, bytes) {
  const socket = connectTo(address, { allowHalfOpen: true });
  const parser = new ResponseParser();
  const reader = new Reader();
  socket.write(headOf({ method: 'POST', contentLength: bytes }));
  await Promise.all([
    writeAll(socket, pattern(bytes)),
    readSlowly(socket, BYTES_PER_SECOND, (chunk) => reader.take(parser.body(chunk))),
  ]);
  socket.destroy();
  return reader;
}

async function throughGateway(url, chunks, bytes, reader) {
  await readSlowly(await upload(url, chunks, bytes), BYTES_PER_SECOND, (chunk) => reader.take(chunk));
  return reader;
}

/** Yields chunks while at most `window` bytes of them have not been sent back. */
async function* within(window, chunks, reader) {
  let sent = 0;
  for (const chunk of chunks) {
    while (sent - reader.bytes > window) await delay(1);
    sent += chunk.length;
    yield chunk;
  }
}

async function stall(scope, bytes) {
  const options = { listen: '127.0.0.1:0', lenientContentLength: true, bodyTimeoutMs: BODY_TIMEOUT_MS };
  const app = await scope.child('echo', options);
  const { url } = await scope.nginx(app.info, UNBUFFERED);
  const reader = new Reader();
  const error = await throughGateway(url, pattern(bytes), bytes, reader).then(
    () => undefined,
    ({ code, message }) => code ?? message,
  );
  const { failures } = await app.ask('tally');
  const whole = error === undefined && reader.bytes === bytes;
  const cut = error !== undefined && failures.ERR_SCGI_BODY_TIMEOUT === 1;
  scope.checkAll(`the same, the sender sending ahead (nginx stalls)`, [
    [
      whole ? 'whole' : `${mib(reader.bytes)}, then ${error}, ${Object.keys(failures)}`,
      'whole, or cut in time',
      whole || cut,
    ],
    await scope.stopClean(app),
  ]);
}
