/**
 * What can happen to a connection, chosen at random. Each plan says what is sent, how the connection then ends, and what must not
 * be the result. The handlers are those of apps/unreliable.mjs. `needsReset` marks plans in which only a reset shows that a response
 * was cut: they cannot run over a Unix socket, which has no reset.
 */
import { createHash } from 'node:crypto';
import { pattern, patternBlock, patternDigest } from '../helpers/pattern.mjs';
import { pick } from '../../bench/shared/random.mjs';
import { headOf } from './scgi-client.mjs';

export const INPUT_TIMEOUT_MS = 2000;
/** Counts from the head of the request on, and is longer than its body may take. */
export const HANDLER_TIMEOUT_MS = 4000;
export const SEND_TIMEOUT_MS = 2000;

const KINDS = ['generator', 'asyncGenerator', 'observable', 'readable', 'webStream'];
const TAKING = ['bytes', 'forAwait', 'pullMap', 'echo', 'map'];
const LEAVING = ['reset', 'close'];
const SECRET = /Fault|thrown|notified|rejected|unreliable/;

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Makes a request: `{ bytes, headLength, body }`. */
function requestOf(path, body = Buffer.alloc(0)) {
  const head = headOf({ method: 'POST', uri: `/${path}`, contentLength: body.length });
  return { bytes: Buffer.concat([head, body]), headLength: head.length, body };
}

/** Makes a body of up to 100 KB. */
function bodyOf(random, least = 0) {
  return Buffer.concat([...pattern(least + random(100_000))]);
}

function answered({ status, complete, end }, expected) {
  if (status !== expected || !complete) return `status ${status}, ${complete ? 'complete' : 'cut'}, ${end}`;
  return undefined;
}

const notLate = ({ end }) => (end === 'late' ? 'no end' : undefined);

// ---- good requests

function normal(random) {
  const path = pick(random, [...TAKING, 'untaken', 'hello']);
  const { bytes, body } = requestOf(path, bodyOf(random));
  const check = (result) => {
    const digest = path === 'echo' || path === 'map' ? result.digest : result.raw.split('\r\n\r\n')[1];
    const expected = path === 'untaken' || path === 'hello' ? 'hello' : sha256(body);
    return answered(result, 200) ?? (digest === expected ? undefined : `${path}: WRONG content`);
  };
  return { bytes, then: 'read', check };
}

function download(random) {
  const size = 1 + random(1_000_000);
  const { bytes } = requestOf(
    `body?kind=${pick(random, KINDS)}&bytes=${size}${pick(random, ['', '&length'])}`,
  );
  const check = (result) =>
    answered(result, 200) ?? (result.digest === patternDigest(size) ? undefined : 'WRONG content');
  return { bytes, then: pick(random, ['read', 'fin']), check };
}

// ---- faults of the gateway

function cutRequest(random) {
  const path = pick(random, [...TAKING, 'untaken', 'slow']);
  const { bytes, headLength } = requestOf(path, bodyOf(random, 1));
  const length = bytes.indexOf(':') + 1;
  const at = pick(random, [
    () => 1 + random(length - 1),
    () => length + random(headLength - length),
    () => headLength - 1,
    () => headLength + random(bytes.length - headLength),
  ])();
  const then = pick(random, [...LEAVING, 'fin']);
  const check = (result) => {
    if (then === 'fin' && at < headLength) return answered(result, 400);
    return notLate(result);
  };
  return { bytes: bytes.subarray(0, at), then, delayMs: random(20), check };
}

function leaveBefore(random) {
  const path = pick(random, ['slow', 'never', 'later', 'laterBody', 'untaken', 'pullMap']);
  const { bytes } = requestOf(path, bodyOf(random));
  return { bytes, then: pick(random, LEAVING), delayMs: random(200), check: notLate };
}

function leaveWithin(random) {
  const path = pick(random, ['trickle', ...KINDS.map((kind) => `body?kind=${kind}&bytes=4000000`)]);
  const then = pick(random, [...LEAVING, 'fin']);
  const { bytes } = requestOf(path, bodyOf(random));
  const check = (result) => (then === 'fin' ? answered(result, 200) : notLate(result));
  return { bytes, then, after: 1 + random(path === 'trickle' ? 100 : 1_000_000), check };
}

function garbage(random) {
  const { bytes } = requestOf('hello');
  const noise = Buffer.from(Array.from({ length: 1 + random(3000) }, () => random(256)));
  const damaged = Buffer.from(bytes);
  for (let i = random(3); i >= 0; i--) damaged[random(damaged.length)] = random(256);
  const [text, status] = pick(random, [
    [noise],
    [damaged],
    ['GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', 'HTTP/1.0 400'],
    [Buffer.concat([Buffer.from('160301', 'hex'), noise]), 400],
    [Buffer.concat([Buffer.alloc(1), noise]), 400],
    ['0:,', 400],
    ['007:', 400],
    ['99999999:', 431],
    ['12:CONTENT_LENGTH', 400],
    [Buffer.concat([bytes, noise]), 200],
  ]);
  const check = (result) => {
    if (typeof status === 'number') return answered(result, status);
    return status && !result.raw.startsWith(status) ? `answered ${result.raw}` : notLate(result);
  };
  return { bytes: Buffer.from(text), then: 'fin', check };
}

// ---- faults of the handler

function failBefore(random) {
  const { bytes } = requestOf(
    pick(random, ['throw', 'error', 'reject', 'later', 'nothing', 'wrong']),
    bodyOf(random),
  );
  const check = (result) =>
    answered(result, 500) ?? (SECRET.test(result.raw) ? `told the gateway: ${result.raw}` : undefined);
  return { bytes, then: 'read', check };
}

function failWithin(random) {
  const failAfter = 1 + random(800_000);
  const query = `kind=${pick(random, KINDS)}&bytes=1000000&failAfter=${failAfter}`;
  const length = pick(random, ['', '&length']);
  const { bytes } = requestOf(`body?${query}${length}`);
  const check = (result) => {
    if (result.complete) return `${query}: looked complete after ${result.bytes} bytes`;
    return SECRET.test(result.raw) ? `told the gateway: ${result.raw}` : notLate(result);
  };
  return { bytes, then: 'read', needsReset: length === '', check };
}

function never(random) {
  const { bytes } = requestOf('never', bodyOf(random));
  return { bytes, then: 'read', check: (result) => answered(result, 503) };
}

// ---- timeouts

function stall(random) {
  const { bytes } = requestOf('bytes', patternBlock(0));
  return {
    bytes: bytes.subarray(0, random(bytes.length)),
    then: 'read',
    check: (result) => answered(result, 408),
  };
}

function ignoreResponse(random) {
  const kind = pick(random, ['generator', 'readable', 'webStream']);
  const { bytes } = requestOf(`body?kind=${kind}&bytes=${32 * 1024 * 1024}`);
  const check = (result) => (result.complete ? 'was not cut' : notLate(result));
  return { bytes, then: 'hold', holdMs: 3 * SEND_TIMEOUT_MS, needsReset: true, check };
}

/** Plans with their relative frequency. */
const PLANS = [
  [20, normal],
  [8, download],
  [25, cutRequest],
  [10, leaveBefore],
  [15, leaveWithin],
  [10, garbage],
  [8, failBefore],
  [8, failWithin],
  [2, never],
  [1, stall],
  [0.2, ignoreResponse],
];

/** Only good requests. */
const GOOD_PLANS = PLANS.filter(([, make]) => make === normal || make === download);

/** Draws a plan, with its `name`. Its `check` returns what is wrong with a result, or `undefined`. */
export function planOf(random) {
  return drawn(PLANS, random);
}

export function goodPlanOf(random) {
  return drawn(GOOD_PLANS, random);
}

function drawn(plans, random) {
  const total = plans.reduce((sum, [weight]) => sum + weight, 0);
  let place = (random(1_000_000) / 1_000_000) * total;
  const [, make] = plans.find(([weight]) => (place -= weight) < 0);
  return { name: make.name, ...make(random) };
}
