/**
 * SIGTERM under load, alternately over TCP and a Unix socket. The command answers every request that it has accepted, or cuts
 * it at its deadline in a way that a gateway notices. It answers none wrongly, and exits with code 0.
 *
 * The handler notes in a file which requests it has accepted. A refused request must not be in it, and must have got nothing.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { STREAM_BYTES } from '../apps/served.mjs';
import { startCommand } from '../helpers/command.mjs';
import { list, ms } from '../helpers/figures.mjs';
import { pattern, patternDigest } from '../helpers/pattern.mjs';
import { pick, randomOf } from '../../bench/shared/random.mjs';
import { exchange } from '../load/scgi-client.mjs';

const TURNS = 20;
const TURNS_SHORT = 5;
const TURNS_BRIEF = 2;
const CLIENTS = 40;
const LOAD_MS = 600;
const AFTER_MS = 300;
const REFUSED_PAUSE_MS = 10;
const DRAIN_TIMEOUT_MS = 2000;
/** How much later than its deadline the command may exit. */
const TOLERANCE_MS = 2000;
/** A client that connected this long before the signal must have been accepted. */
const SURELY_ACCEPTED_MS = 300;

const FINITE = ['quick', 'quick', 'quick', 'slow', 'stream', 'upload'];
/** Endless responses, some of which are under way at the deadline. */
const ENDLESS = ['endless', 'declared'];
/** A Unix socket has no reset: only a `Content-Length` shows that a response was cut. */
const ENDLESS_ON_UNIX = ['declared'];
const UPLOAD = Buffer.concat([...pattern(100_000)]);

export async function run(scope) {
  const turns = scope.brief ? TURNS_BRIEF : scope.short ? TURNS_SHORT : TURNS;
  const counts = { answered: 0, cut: 0, refused: 0 };
  const wrong = [];
  const exits = {};
  let slowest = 0;
  for (let turn = 0; turn < turns; turn++) {
    const { code, afterMs } = await runTurn(scope, turn, counts, wrong);
    exits[code] = (exits[code] ?? 0) + 1;
    slowest = Math.max(slowest, afterMs);
  }
  if (wrong.length > 0) console.error(wrong.slice(0, 20).join('\n'));
  scope.note(`${turns} times under load`, list(counts));
  const enough = counts.answered > 0 && counts.cut > 0 && counts.refused > 0;
  scope.check(
    'accepted, answered in full or noticeably cut',
    `${wrong.length} were not ${wrong[0] ?? ''}`,
    '0',
    enough && wrong.length === 0,
  );
  scope.check('exit code, times', list(exits), `0 ${turns}`, exits[0] === turns);
  const bound = DRAIN_TIMEOUT_MS + TOLERANCE_MS;
  scope.check('from the signal to the exit, at most', ms(slowest), ms(bound), slowest <= bound);
}

async function runTurn(scope, turn, counts, wrong) {
  const log = join(scope.newFolder(), 'accepted');
  const onUnix = turn % 2 === 1;
  const address = onUnix ? scope.address('unix') : undefined;
  const args = ['--drain-timeout-ms', String(DRAIN_TIMEOUT_MS)];
  const command = await startCommand(scope, args, { RXSCGI_SOAK_LOG: log }, address);
  const random = randomOf(turn);
  const results = [];
  let over = false;
  let next = 0;
  const client = async () => {
    while (!over) {
      const result = await send(command.address, pick(random, FINITE), next++);
      results.push(result);
      if (!result.complete) await delay(REFUSED_PAUSE_MS);
    }
  };
  const work = Array.from({ length: CLIENTS }, client);
  const endless = onUnix ? ENDLESS_ON_UNIX : ENDLESS;
  work.push(...endless.map(async (path) => results.push(await send(command.address, path, next++))));
  await delay(LOAD_MS + random(100));
  const signalled = performance.now();
  command.kill('SIGTERM');
  await delay(AFTER_MS);
  over = true;
  const code = await command.exit;
  const afterMs = performance.now() - signalled;
  await Promise.all(work);
  const accepted = new Set(readFileSync(log, 'latin1').split('\n'));
  for (const result of results) {
    const verdict = judge(result, accepted.has(String(result.id)), signalled);
    if (verdict in counts) counts[verdict]++;
    else wrong.push(`turn ${turn}, ${result.path} ${result.id}: ${verdict}`);
  }
  return { code, afterMs };
}

async function send(address, path, id) {
  const sentAt = performance.now();
  const body = path === 'upload' ? UPLOAD : undefined;
  const result = await exchange(address, { method: body ? 'POST' : 'GET', uri: `/${path}?${id}`, body });
  return { path, id, sentAt, ...result };
}

/** Returns `answered`, `cut`, `refused`, or what is wrong. */
function judge(result, accepted, signalled) {
  const { path, complete, error, bytes, status, sentAt } = result;
  const what = `status ${status}, ${bytes} bytes, ${error ?? 'FIN'}`;
  if (complete) {
    if (!accepted) return `answered by nobody: ${what}`;
    return isRight(result) ? 'answered' : `WRONG: ${what}`;
  }
  if (ENDLESS.includes(path)) return accepted ? 'cut' : `not accepted: ${what}`;
  if (accepted) return `accepted, and cut before the deadline: ${what}`;
  if (status !== undefined) return `not accepted, and answered: ${what}`;
  return sentAt < signalled - SURELY_ACCEPTED_MS ? `refused before the signal: ${what}` : 'refused';
}

const RIGHT = {
  quick: ({ text, id }) => text === `quick ${id}`,
  slow: ({ text, id }) => text === `slow ${id}`,
  stream: ({ text }) =>
    createHash('sha256').update(text, 'latin1').digest('hex') === patternDigest(STREAM_BYTES),
  upload: ({ text }) => text === createHash('sha256').update(UPLOAD).digest('hex'),
};

/** An endless response that looks complete is wrong. */
function isRight(result) {
  return result.status === 200 && (RIGHT[result.path]?.(result) ?? false);
}
