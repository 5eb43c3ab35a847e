/**
 * Thousands of HTTP clients in front of `scgiGateway`, of which most go wrong at random: they leave before the response, within it, or
 * within their upload; the application fails before and after its head.
 *
 * A response that the application has cut must not look complete. In the end, neither the gateway nor the application may hold anything
 * of any client, no error may have reached either process, and the gateway has not grown. The table shows the seed; RXSCGI_SOAK_SEED
 * repeats it.
 */
import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { MIB } from '../../bench/shared/memory.mjs';
import { pick, randomOf } from '../../bench/shared/random.mjs';
import { list, mib } from '../helpers/figures.mjs';
import { pattern, patternDigest } from '../helpers/pattern.mjs';
import { openConnections } from '../helpers/open-connections.mjs';
import { until } from '../helpers/until.mjs';
import { get } from '../load/http-client.mjs';
import { writeAll } from '../load/write-all.mjs';

const CONCURRENCY = 50;
const MAX_GROWTH = 10 * MIB;
const BYTES = 300_000;
/** Longer than the longest timeout of the application. */
const SETTLE_MS = 6000;
const BODIES = ['generator', 'asyncGenerator', 'observable', 'readable', 'webStream'];
/** As in faults.mjs: makes RSS show what is held. */
const GIVING_BACK = {
  execArgv: ['--max-semi-space-size=1'],
  env: { MALLOC_MMAP_THRESHOLD_: '32768', MALLOC_TRIM_THRESHOLD_: '131072' },
};

/** What a client does. `wrong` says what is wrong with its outcome. */
const GOOD = [
  { name: 'hello', path: () => '/hello', wrong: ({ status }) => status !== 200 },
  { name: 'download', path: (random) => bodyPath(random), wrong: (reply) => !isWhole(reply) },
  { name: 'upload', path: () => '/bytes', upload: BYTES, wrong: ({ text }) => text !== patternDigest(BYTES) },
];
const PLANS = [
  ...GOOD,
  { name: 'fails before its head', path: () => '/throw', wrong: ({ status }) => status !== 500 },
  {
    name: 'is cut by the application',
    path: (random) => `${bodyPath(random)}&failAfter=100000&length`,
    wrong: ({ complete }) => complete,
  },
  { name: 'leaves before the response', path: () => '/never', leaves: 'at once', wrong: () => false },
  {
    name: 'leaves within the response',
    path: (random) => bodyPath(random),
    leaves: 'within',
    wrong: () => false,
  },
  {
    name: 'leaves within its upload',
    path: () => '/pullMap',
    upload: BYTES,
    leaves: 'in upload',
    wrong: () => false,
  },
];

export async function run(scope) {
  const seed = Number(process.env.RXSCGI_SOAK_SEED ?? Date.now() % 1_000_000);
  const count = scope.short ? 800 : 20_000;
  for (const transport of ['tcp', 'unix']) {
    const what = `${transport === 'tcp' ? 'TCP' : 'Unix'}, seed ${seed}`;
    await scope.attempt(what, () => runOne(scope, what, { listen: scope.address(transport), seed, count }));
  }
}

async function runOne(scope, what, { listen, seed, count }) {
  const app = await scope.child('unreliable', {
    listen,
    maxConnections: 2 * CONCURRENCY,
    bodyTimeoutMs: 2000,
  });
  const gateway = await scope.child('gateway', { target: app.info }, GIVING_BACK);
  const counts = {};
  const wrong = [];
  const clients = (plans, number) => runClients(gateway.info, { plans, seed, count: number, counts, wrong });
  await clients(GOOD, count / 2);
  await openConnections(app, SETTLE_MS);
  const held = await gateway.ask('holdings');
  const { rss } = await gateway.ask('memory');
  await clients(PLANS, count);
  if (wrong.length > 0) console.error(wrong.slice(0, 20).join('\n'));
  const open = await openConnections(app, SETTLE_MS);
  let left;
  const nothingIsLeft = async () => {
    left = await gateway.ask('holdings');
    return left.sockets <= held.sockets && left.subscriptions <= held.subscriptions;
  };
  const isClean = await until(nothingIsLeft, SETTLE_MS);
  const { handlersBegun, handlersEnded } = await app.ask('counts');
  const growth = (await gateway.ask('memory')).rss - rss;
  const { text } = await get(`${gateway.info}/hello`);
  scope.note(`${what}: clients`, list(counts));
  scope.checkAll(what, [
    [`${wrong.length} ended wrongly`, '0', wrong.length === 0],
    [`${open} open at the application`, '0', open === 0],
    [`${handlersEnded} handlers ended`, `${handlersBegun}`, handlersBegun === handlersEnded],
    [`held ${list(left)}`, list(held), isClean],
    [`RSS ${mib(growth)} more`, mib(MAX_GROWTH), growth <= MAX_GROWTH],
    [`then ${text}`, 'hello', text === 'hello'],
    await scope.stopClean(gateway),
    await scope.stopClean(app),
  ]);
}

async function runClients(url, { plans, seed, count, counts, wrong }) {
  let next = 0;
  const work = async () => {
    while (next < count) {
      const random = randomOf(seed + next++);
      const plan = pick(random, plans);
      counts[plan.name] = (counts[plan.name] ?? 0) + 1;
      const outcome = await runClient(url, plan, random);
      if (plan.wrong(outcome)) wrong.push(`${plan.name}: ${JSON.stringify(outcome)}`);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
}

/** @returns `{ status, text, bytes, digest, complete }` of the response, as far as it has come. Never rejects. */
function runClient(url, { path, upload = 0, leaves }, random) {
  const method = upload > 0 ? 'POST' : 'GET';
  const headers = upload > 0 ? { 'Content-Length': upload } : {};
  const request = httpRequest(url + path(random), { method, agent: false, headers });
  const outcome = { bytes: 0, complete: false };
  return new Promise((resolve) => {
    const hash = createHash('sha256');
    request.on('error', (error) => {
      outcome.error = error.code ?? error.message;
    });
    request.once('close', () => resolve({ ...outcome, digest: hash.digest('hex') }));
    request.on('response', (response) => {
      outcome.status = response.statusCode;
      response.on('error', () => undefined);
      response.on('data', (chunk) => {
        outcome.bytes += chunk.length;
        outcome.text = outcome.bytes <= 100 ? (outcome.text ?? '') + chunk : undefined;
        hash.update(chunk);
        if (leaves === 'within') request.destroy();
      });
      response.on('end', () => {
        outcome.complete = response.complete;
      });
    });
    if (leaves === 'at once') {
      request.end();
      request.once('finish', () => setTimeout(() => request.destroy(), random(20)));
    } else if (leaves === 'in upload') {
      void writeAll(request, pattern(upload / 2)).then(() => request.destroy());
    } else if (upload > 0) {
      void writeAll(request, pattern(upload)).then((all) => all && request.end());
    } else request.end();
  });
}

function bodyPath(random) {
  return `/body?kind=${pick(random, BODIES)}&bytes=${BYTES}`;
}

function isWhole({ status, complete, bytes, digest }) {
  return status === 200 && complete && bytes === BYTES && digest === patternDigest(BYTES);
}
