/**
 * Large responses to 20 clients at once, each of which reads 5 MB/s.
 *
 * A body that is pulled costs no memory, whatever its kind. A body that pushes without regard to backpressure fails with its own
 * error code when too much is queued: the response is cut, so that it does not look complete, and the server goes on.
 *
 * The chunks of pulled bodies exist already, so that RSS shows what the server holds. Chunks that are made on demand leave garbage
 * behind, and how much of it there is depends on V8 (see apps/download.mjs). That case is bounded with frequent collections; without
 * them it is only noted, next to the figure of Node.js without this library.
 */
import { createHash } from 'node:crypto';
import { list, mib } from '../helpers/figures.mjs';
import { MIB } from '../../bench/shared/memory.mjs';
import { patternDigest } from '../helpers/pattern.mjs';
import { ResponseParser, connectTo, endingOf, exchange, headOf } from '../load/scgi-client.mjs';
import { readSlowly } from '../load/slowly.mjs';

const CLIENTS = 20;
const BYTES_PER_SECOND = 5e6;
const MAX_GROWTH = 40 * MIB;
/** Each client may have `maxQueuedBytes` queued. JavaScriptCore has by then not collected the chunks that were copied into the queue. */
const maxPushedGrowth = (onBun) => CLIENTS * 16 * MIB * (onBun ? 2 : 1) + MAX_GROWTH;

const PULLED = ['generator', 'async-generator', 'readable', 'stream'];
/** The kind that is also measured with chunks made on demand. */
const MADE = 'readable';
const PUSHED = ['pushing-at-once', 'pushing-over-time'];

export async function run(scope) {
  const bytes = (scope.brief ? 8 : scope.short ? 32 : 256) * MIB;
  for (const kind of PULLED) await scope.attempt(kind, () => pulled(scope, kind, bytes));
  await scope.attempt(MADE, () => pulled(scope, MADE, bytes, { fresh: true, tidy: true }));
  await compare(scope, bytes);
  for (const kind of PUSHED) await scope.attempt(kind, () => pushed(scope, kind, 256 * MIB));
}

async function pulled(scope, kind, bytes, options = {}) {
  const { app, idle } = await begin(scope, options);
  const results = await download(app.info, kind, bytes);
  const growth = (await app.ask('peakRss')) - idle;
  const right = results.filter(({ complete, digest }) => complete && digest === patternDigest(bytes)).length;
  const made = options.fresh ? ', made as it goes, collected' : '';
  scope.checkAll(`${CLIENTS} x ${mib(bytes)}, ${kind}${made}`, [
    [`${right} checksums right`, `${CLIENTS}`, right === CLIENTS],
    [`RSS above idle ${mib(growth)}`, mib(MAX_GROWTH), growth <= MAX_GROWTH],
    await scope.stopClean(app),
  ]);
}

async function pushed(scope, kind, bytes) {
  const { app, idle } = await begin(scope);
  const results = await download(app.info, kind, bytes);
  const growth = (await app.ask('peakRss')) - idle;
  const most = maxPushedGrowth(scope.runtime !== process.execPath);
  const noticed = results.filter(({ complete }) => !complete).length;
  const { failures } = await app.ask('tally');
  const overflows = failures.ERR_SCGI_RESPONSE_OVERFLOW ?? 0;
  const { text } = await exchange(app.info);
  scope.checkAll(`${CLIENTS} x ${mib(bytes)}, ${kind}`, [
    [`failed by ${list(failures)}`, `ERR_SCGI_RESPONSE_OVERFLOW ${CLIENTS}`, overflows === CLIENTS],
    [`${noticed} noticed by the client`, `${CLIENTS}`, noticed === CLIENTS],
    [`then ${text || 'no answer'}`, 'hello', text === 'hello'],
    [`RSS above idle ${mib(growth)}`, mib(most), growth <= most],
    await scope.stopClean(app),
  ]);
}

async function compare(scope, bytes) {
  const growths = [];
  for (const plain of [false, true]) {
    const { app, idle } = await begin(scope, { plain, fresh: true });
    await download(app.info, MADE, bytes);
    growths.push(mib((await app.ask('peakRss')) - idle));
    await app.stop();
  }
  const [ours, nodes] = growths;
  scope.note(
    `${CLIENTS} x ${mib(bytes)}, ${MADE}, made as it goes, not collected`,
    `RSS ${ours}; pipe(socket) alone: ${nodes}`,
  );
}

async function begin(scope, options) {
  const app = await scope.child('download', { listen: '127.0.0.1:0', ...options });
  await exchange(app.info);
  const { rss: idle } = await app.ask('memory');
  await app.ask('resetPeakRss');
  return { app, idle };
}

function download(address, kind, bytes) {
  return Promise.all(Array.from({ length: CLIENTS }, () => downloadOne(address, `/${kind}?${bytes}`)));
}

async function downloadOne(address, uri) {
  const socket = connectTo(address, { allowHalfOpen: true });
  const parser = new ResponseParser();
  const hash = createHash('sha256');
  let received = 0;
  socket.write(headOf({ uri }));
  try {
    await readSlowly(socket.iterator({ destroyOnReturn: false }), BYTES_PER_SECOND, (chunk) => {
      const data = parser.body(chunk);
      hash.update(data);
      received += data.length;
    });
    const error = await endingOf(socket);
    return { complete: error === undefined && parser.isComplete(received), digest: hash.digest('hex') };
  } catch {
    return { complete: false };
  } finally {
    socket.destroy();
  }
}
