/** HTTP load on nginx, by wrk. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { programPath } from '../shared/missing.mjs';
import { BROWSER_FIELDS, COOKIE, PATH } from './requests.mjs';

const fields = BROWSER_FIELDS.map(([name, value]) => [name, name === 'Cookie' ? COOKIE : value]);

/**
 * @returns `(url, connections, seconds) => Promise<{ requests, seconds }>`, which rejects when an answer is not 200.
 * @throws Missing
 */
export function httpLoad() {
  const wrk = programPath('wrk');
  return (url, connections, seconds) => byWrk(wrk, url, connections, seconds);
}

/** wrk counts in whole seconds. It gets no limit, and is interrupted instead: it then prints its figures, too. */
const NO_LIMIT = '1h';

async function byWrk(wrk, url, connections, seconds) {
  const headers = fields.flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const args = ['-t1', `-c${connections}`, `-d${NO_LIMIT}`, '--timeout', '20s', ...headers, url + PATH];
  const child = spawn(wrk, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const timer = setTimeout(() => child.kill('SIGINT'), seconds * 1000);
  const [stdout] = await Promise.all([text(child.stdout), once(child, 'close')]);
  clearTimeout(timer);
  const errors = /^ *(?:Socket errors|Non-2xx).*$/m.exec(stdout);
  if (errors) throw new Error(`wrk on ${url}: ${errors[0].trim()}`);
  const [, requests] = /([0-9]+) requests in /.exec(stdout);
  const [, rate] = /Requests\/sec: +([0-9.]+)/.exec(stdout);
  return { requests: Number(requests), seconds: requests / rate };
}
