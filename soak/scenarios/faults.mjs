/**
 * At least 10,000 connections (3,000 in the brief form), of which most go wrong at random: reset or ended at every stage, garbage, handlers that fail
 * before and after the head or never answer, peers that stall, gateways that are killed.
 *
 * Each plan (fault-plans.mjs) says what must be true of its own connection. In the end nothing may be left of any connection, and
 * no error may have reached the process. RSS is compared with that after thousands of good requests at the same concurrency, when
 * the code is compiled and the heap has grown to its size. The table shows the seed; RXSCGI_SOAK_SEED repeats it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  HANDLER_TIMEOUT_MS,
  INPUT_TIMEOUT_MS,
  SEND_TIMEOUT_MS,
  goodPlanOf,
  planOf,
} from '../load/fault-plans.mjs';
import { faultyExchange } from '../load/faulty-exchange.mjs';
import { list, mib } from '../helpers/figures.mjs';
import { MIB } from '../../bench/shared/memory.mjs';
import { openConnections } from '../helpers/open-connections.mjs';
import { randomOf } from '../../bench/shared/random.mjs';
import { exchange } from '../load/scgi-client.mjs';

const CONCURRENCY = 100;
const GATEWAYS = 5;
const GATEWAY_CONNECTIONS = 200;
const MOST_AT_ONCE = CONCURRENCY + GATEWAY_CONNECTIONS;
const MAX_GROWTH = 10 * MIB;
/**
 * Makes RSS show what is held. By default V8 keeps a young generation of 1 to 48 MiB, and malloc keeps freed memory below the
 * last block in use (read buffers of 64 KiB): 20 MiB more or less from run to run, which more faults do not increase. A small
 * young generation, and buffers with mappings of their own, are returned to the system.
 */
const GIVING_BACK = {
  execArgv: ['--max-semi-space-size=1'],
  env: { MALLOC_MMAP_THRESHOLD_: '32768', MALLOC_TRIM_THRESHOLD_: '131072' },
};
/** Longer than the longest timeout and the drain after a response. */
const SETTLE_MS = 6000;

export async function run(scope) {
  const seed = Number(process.env.RXSCGI_SOAK_SEED ?? Date.now() % 1_000_000);
  const count = scope.brief ? 3000 : scope.short ? 10_000 : 40_000;
  const warmUp = scope.brief ? 2000 : 6000;
  const unix = scope.address('unix');
  const options = {
    listen: ['127.0.0.1:0', unix],
    maxConnections: 2 * MOST_AT_ONCE,
    headersTimeoutMs: INPUT_TIMEOUT_MS,
    bodyTimeoutMs: INPUT_TIMEOUT_MS,
    handlerTimeoutMs: HANDLER_TIMEOUT_MS,
    sendTimeoutMs: SEND_TIMEOUT_MS,
  };
  const app = await scope.child('unreliable', options, GIVING_BACK);
  await exchange(app.info, { uri: '/hello' });
  const holdings = await holdingsAtRest(app);
  const fresh = await app.ask('memory');
  const outcome = { wrong: [], plans: {} };
  const addresses = [app.info, unix];
  await connections(addresses, goodPlanOf, { seed, count: warmUp, atOnce: MOST_AT_ONCE }, outcome);
  await openConnections(app, SETTLE_MS);
  const before = await app.ask('memory');
  await connections(addresses, planOf, { seed, count, atOnce: CONCURRENCY }, outcome);
  const killed = await vanish(scope, addresses, seed + count);

  scope.note(
    `seed ${seed}: ${count + killed} connections, ${warmUp} before`,
    list({ ...outcome.plans, killed }),
  );
  if (outcome.wrong.length > 0) console.error(outcome.wrong.slice(0, 20).join('\n'));
  const what = outcome.wrong[0] ? `: ${outcome.wrong[0]}` : '';
  scope.check(
    'ended as they should',
    `${outcome.wrong.length} did not${what}`,
    '0',
    outcome.wrong.length === 0,
  );
  await checkLeftovers(scope, app, holdings);
  const after = await app.ask('memory');
  const growth = after.rss - before.rss;
  scope.check('RSS, more than before the faults', mib(growth), mib(MAX_GROWTH), growth <= MAX_GROWTH);
  scope.note('RSS, more than before the first request', mib(after.rss - fresh.rss));
  const { text } = await exchange(app.info, { uri: '/hello' });
  scope.checkAll('a normal request after it', [
    [text, 'hello', text === 'hello'],
    await scope.stopClean(app),
  ]);
}

/** Every other connection is to the Unix socket. */
async function connections([tcp, unix], draw, { seed, count, atOnce }, outcome) {
  let next = 0;
  const work = async () => {
    while (next < count) {
      const index = next++;
      const plan = draw(randomOf(seed + index));
      const address = index % 2 === 0 || plan.needsReset ? tcp : unix;
      outcome.plans[plan.name] = (outcome.plans[plan.name] ?? 0) + 1;
      const wrong = plan.check(await faultyExchange(address, plan));
      if (wrong !== undefined) outcome.wrong.push(`connection ${index}, ${plan.name}: ${wrong}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

/** Gateways that are killed with their connections open. @returns how many connections. */
async function vanish(scope, addresses, seed) {
  for (let i = 0; i < GATEWAYS; i++) {
    const options = {
      address: addresses[i % 2],
      seed: seed + i * GATEWAY_CONNECTIONS,
      count: GATEWAY_CONNECTIONS,
    };
    const gateway = await scope.child('vanishing-gateway', options);
    await gateway.ask('open');
    await delay(20 + 40 * i);
    gateway.kill('SIGKILL');
    await gateway.stop();
  }
  return GATEWAYS * GATEWAY_CONNECTIONS;
}

/** Waits until the timer that checks timeouts has found none. */
async function holdingsAtRest(app) {
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    const holdings = await app.ask('holdings');
    if (!holdings.Timeout || performance.now() > deadline) return holdings;
    await delay(100);
  }
}

async function checkLeftovers(scope, app, before) {
  const open = await openConnections(app, SETTLE_MS);
  const { accepted, failures } = await app.ask('tally');
  scope.check('connections open', `${open} of ${accepted}`, '0', open === 0);
  const { handlersBegun, handlersEnded, bodiesBegun, bodiesEnded } = await app.ask('counts');
  scope.check(
    'handlers ended',
    `${handlersEnded}`,
    `${handlersBegun} begun`,
    handlersBegun === handlersEnded,
  );
  scope.check('response bodies ended', `${bodiesEnded}`, `${bodiesBegun} begun`, bodiesBegun === bodiesEnded);
  const after = await holdingsAtRest(app);
  const same = JSON.stringify(after) === JSON.stringify(before);
  scope.check('held by the process', list(after), list(before), same);
  scope.note('failures reported', list(failures));
}
