/**
 * All places are taken, and 1,000 connections wait, of which 900 are reset (or closed, on a Unix socket, which has no reset).
 * Their places are free at once, so that other connections can wait. When the overload ends, each connection that is still open
 * is served, and no handler is called for a connection that has gone.
 */
import { once } from 'node:events';
import { connectTo, exchange, headOf } from '../load/scgi-client.mjs';
import { until } from '../helpers/until.mjs';

const PLACES = 10;
const WAITING = 1000;
const LIVE = 100;
const GONE = WAITING - LIVE;
/** Opened at once: fewer than a listening socket lets wait. */
const BATCH = 100;
const MAX_MS = 1000;
const TIME_LIMIT_MS = 30_000;

export async function run(scope) {
  for (const transport of ['Unix', 'TCP']) {
    const what = `${GONE} of ${WAITING} waiting connections go, ${transport}`;
    await scope.attempt(what, () => runOne(scope, what, transport));
  }
}

async function runOne(scope, what, transport) {
  const listen = scope.address(transport.toLowerCase());
  const app = await scope.child('long-poll', { listen, maxConnections: PLACES, maxWaiting: WAITING });
  const tally = (condition, withinMs) => until(async () => condition(await app.ask('tally')), withinMs);
  const exchanges = (count) =>
    Array.from({ length: count }, () => exchange(app.info, { timeoutMs: TIME_LIMIT_MS }));

  const served = exchanges(PLACES);
  await until(async () => (await app.ask('counts')).running === PLACES, TIME_LIMIT_MS);
  served.push(...exchanges(LIVE));
  const gone = await openAndAsk(app.info, GONE);
  await tally(({ accepted }) => accepted === PLACES + WAITING, TIME_LIMIT_MS);

  for (const socket of gone)
    if (transport === 'TCP') socket.resetAndDestroy();
    else socket.destroy();
  const freed = await tally(({ open }) => open === PLACES + LIVE, MAX_MS);
  const { open } = await app.ask('tally');
  // These need the places of the connections that have gone.
  for (let count = 0; count < GONE; count += BATCH) {
    served.push(...exchanges(BATCH));
    await tally(({ accepted }) => accepted === PLACES + WAITING + count + BATCH, TIME_LIMIT_MS);
  }
  await app.ask('answer');
  const results = await Promise.all(served);
  const answered = results.filter(({ status, complete }) => status === 200 && complete).length;
  const { called } = await app.ask('counts');
  scope.checkAll(what, [
    [`${open} open after ${MAX_MS} ms`, `${PLACES + LIVE}`, freed],
    [`${answered} of ${results.length} live ones served`, 'all', answered === results.length],
    [`${called} handlers called`, `${results.length}`, called === results.length],
    await scope.stopClean(app),
  ]);
}

async function openAndAsk(address, count) {
  const sockets = [];
  while (sockets.length < count) {
    const batch = Array.from({ length: BATCH }, () => connectTo(address).on('error', () => undefined));
    await Promise.all(batch.map((socket) => once(socket, 'connect')));
    for (const socket of batch) socket.write(headOf());
    sockets.push(...batch);
  }
  return sockets;
}
