/**
 * 1,000 connections send half a head, one byte a second, and 200 never read a large response, while normal requests go on.
 * The normal requests are all answered, hardly slower than without attackers; the attackers are timed out.
 *
 * Normal requests are sent at a fixed rate, whether or not the last one has been answered. The attackers are in another process.
 * "Without attackers" is measured before and after, and meanwhile at a second server that is not attacked. The slower of the two
 * counts, because other load on the machine varies. The timeouts are short, so that the scenario takes seconds.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { percentile } from '../../bench/shared/figures.mjs';
import { list, ms } from '../helpers/figures.mjs';
import { MIB } from '../../bench/shared/memory.mjs';
import { exchange } from '../load/scgi-client.mjs';
import { openConnections } from '../helpers/open-connections.mjs';

const DRIBBLERS = 1000;
const NON_READERS = 200;
/** How late a timeout may come. */
const TOLERANCE_MS = 2000;

/** The attackers arrive over `rampMs`. The timeouts are longer, so that all attackers are there at once. */
function timesFor(short) {
  // A longer ramp makes accepting the connections cheap, so that the full form measures what it costs to hold them.
  const rampMs = short ? 4000 : 16_000;
  const timeoutMs = rampMs + 1000;
  const attackMs = rampMs + timeoutMs + TOLERANCE_MS;
  return { rampMs, timeoutMs, attackMs, quietMs: attackMs / 2 };
}

const WARM_UP_MS = 1000;
const REQUEST_INTERVAL_MS = 4;
const MAX_RATIO = 2;

/** The median of three ratios is within the bound when two of them are: a third round runs only when two disagree. */
const ROUNDS = 3;
const MAJORITY = 2;

export async function run(scope) {
  const what = 'p99 with attackers to p99 without';
  if (scope.short) {
    // One round on a busy machine says too little about time for a verdict; the full form gives one.
    scope.note(what, `x ${(await runRound(scope, 'one round')).toFixed(2)}`);
    return;
  }
  const ratios = [];
  const votes = (within) => ratios.filter((ratio) => ratio <= MAX_RATIO === within).length;
  while (votes(true) < MAJORITY && votes(false) < MAJORITY)
    ratios.push(await runRound(scope, `round ${ratios.length + 1} of ${ROUNDS}`));
  const measured = `x ${ratios.map((ratio) => ratio.toFixed(2)).join(', x ')}`;
  scope.check(what, measured, `median x ${MAX_RATIO}`, votes(true) === MAJORITY);
}

async function runRound(scope, round) {
  const { rampMs, timeoutMs, attackMs, quietMs } = timesFor(scope.short);
  const unix = scope.address('unix');
  const options = {
    maxConnections: 2 * (DRIBBLERS + NON_READERS),
    headersTimeoutMs: timeoutMs,
    sendTimeoutMs: timeoutMs,
  };
  const app = await scope.child('download', { listen: ['127.0.0.1:0', unix], ...options });
  const control = await scope.child('download', { listen: '127.0.0.1:0', ...options });
  const attackers = await scope.child('attackers', {
    address: app.info,
    dribblers: DRIBBLERS,
    nonReading: nonReading(app.info, unix),
    rampMs,
  });
  const both = (forMs) => Promise.all([app, control].map(({ info }) => requests(info, forMs)));
  await both(WARM_UP_MS);
  const [quiet] = await both(quietMs);
  await attackers.ask('attack');
  const [attacked, spared] = await both(attackMs);
  const open = await openConnections(app);
  const [after] = await both(quietMs);
  quiet.push(...after);
  const ratio = checkRequests(scope, round, { quiet, attacked, spared });
  await checkAttackers(scope, round, { app, attackers, open, timeoutMs });
  await attackers.stop();
  await control.stop();
  return ratio;
}

/**
 * The requests of the clients that do not read. Three of four use the Unix socket: the system buffers 4 MiB of each response on
 * loopback TCP and 200 KiB on a Unix socket, and the scenario measures how responses are held, not how fast the system copies.
 *
 * Half of the responses are much larger than these buffers. The others are about as large: of some only the end waits, and some
 * are sent completely.
 */
function nonReading(tcp, unix) {
  return Array.from({ length: NON_READERS }, (_, i) => {
    const overTcp = i % 4 < 1;
    const aboutAsLarge = overTcp ? 2 * MIB + i * 32 * 1024 : 64 * 1024 + i * 1024;
    const size = Math.floor(i / 4) % 2 === 0 ? 64 * MIB : aboutAsLarge;
    return { address: overTcp ? tcp : unix, uri: `/bytes?${size}` };
  });
}

/** Sends requests at a fixed rate for some time. */
async function requests(address, forMs) {
  const pending = [];
  const started = performance.now();
  for (let due = 0; due < forMs; due += REQUEST_INTERVAL_MS) {
    const early = started + due - performance.now();
    if (early > 0) await delay(early);
    pending.push(exchange(address));
  }
  return Promise.all(pending);
}

function checkRequests(scope, round, results) {
  const all = Object.values(results).flat();
  const answered = all.filter(({ text, complete }) => complete && text === 'hello').length;
  const [quiet, attacked, spared] = ['quiet', 'attacked', 'spared'].map((name) =>
    percentile(
      results[name].map((result) => result.ms),
      0.99,
    ),
  );
  const p99 = `p99 ${ms(quiet)} before and after, ${ms(spared)} where there are none, ${ms(attacked)} with attackers`;
  scope.check(
    `${round}: normal requests`,
    `${answered} answered; ${p99}`,
    `${all.length}`,
    answered === all.length,
  );
  return attacked / Math.max(quiet, spared);
}

async function checkAttackers(scope, round, { app, attackers, open, timeoutMs }) {
  const ends = await attackers.ask('dribblers');
  const told = ends.filter(({ status, end }) => status === 408 && end === 'FIN').length;
  const latest = Math.max(...ends.map((end) => end.ms));
  const inTime = timeoutMs + TOLERANCE_MS;
  scope.checkAll(`${round}: ${DRIBBLERS} that send a byte a second`, [
    [`${told} answered 408`, `${DRIBBLERS}`, told === DRIBBLERS && ends.length === DRIBBLERS],
    [`the last after ${ms(latest)}`, ms(inTime), latest <= inTime],
  ]);
  const { failures } = await app.ask('tally');
  const looks = await attackers.ask('nonReaders');
  const whole = looks.filter((look) => look.complete).length;
  const cut = failures.ERR_SCGI_SEND_TIMEOUT ?? 0;
  scope.checkAll(`${round}: ${NON_READERS} that do not read`, [
    [
      `${cut} cut, ${whole} out whole`,
      `${NON_READERS} in all`,
      cut >= NON_READERS / 2 && cut + whole === NON_READERS,
    ],
    [`${open} open in the end`, '0', open === 0],
    [`failures: ${list(failures)}`, 'no others', Object.keys(failures).length === 2],
    await scope.stopClean(app),
  ]);
}
