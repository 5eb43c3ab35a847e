/** `rxscgi gateway`: puts HTTP in front of an SCGI application. */
import {
  type Observable,
  catchError,
  concat,
  endWith,
  ignoreElements,
  map,
  merge,
  of,
  share,
  takeUntil,
  throwError,
} from 'rxjs';
import { verifyTimeout } from '../../core/options.js';
import { escapeMessage } from '../../core/text/printable-text.js';
import type { GatewayOptions } from '../../node/gateway/gateway-options.js';
import { scgiGateway, type ScgiGateway } from '../../node/gateway/scgi-gateway.js';
import { parseAddress, type Address } from '../../server/address.js';
import { listenError } from '../../system/addresses/listen-error.js';
import { misuse } from '../command-error.js';
import { seeHelp, type Command } from '../command.js';
import { COMMON_FLAGS, flagNameOf, type Flag } from '../flags/flags.js';
import { ADDRESS_HELP, page, section } from '../help.js';
import { limitOf, messageInFlags } from '../flags/limit-flags.js';
import { accessLog, type LogFormat } from '../log/access-log.js';
import { escapeJson } from '../log/escape-text.js';
import { failuresInFlags } from '../log/in-flags.js';
import { logEventOf } from '../log/gateway-log-event.js';
import type { LogLine } from '../log/log-output.js';
import type { LogEvent } from '../log/request-facts.js';
import type { ParsedFlags } from '../flags/parse-flags.js';
import { drainOnSignal } from '../process/stop-signals.js';
import { serveHttp, type FrontOptions } from './http-front.js';
import { logFormatOf, proxiesOf } from './serve-options.js';

const HINT = seeHelp('gateway');

const DEFAULT_LISTEN = '8080';
const LOOPBACK_HOST = '127.0.0.1';
const DEFAULT_DRAIN_TIMEOUT_MS = 30_000;
const DEFAULT_REQUEST_TIMEOUT_MS = 300_000;

type GatewayLimit = Exclude<keyof GatewayOptions, 'mount' | 'allowedHosts' | 'trustProxy'>;

const limit = (option: GatewayLimit, value: string, help: string): Flag & { option: GatewayLimit } => ({
  name: flagNameOf(option),
  option,
  value,
  help,
});

const PLACE_FLAGS: readonly Flag[] = [
  { name: 'listen', value: 'ADDRESS', help: 'a port of 127.0.0.1, or HOST:PORT; port 0: any (default 8080)' },
  { name: 'to', value: 'ADDRESS', help: 'where the application listens' },
  { name: 'mount', value: 'PATH', help: 'path of the application: its SCRIPT_NAME; others are answered 404' },
  {
    name: 'allowed-host',
    value: 'HOST',
    help: 'name that requests may be sent to; may be repeated; .example.com also allows the names below it',
  },
  {
    name: 'trust-proxy',
    value: 'PROXIES',
    help: 'proxies in front: a number, or addresses and ranges, as 10.0.0.0/8,::1 (default none)',
  },
];

const LIMITS = [
  limit('maxConnections', 'NUMBER', 'connections to the application at a time (default 1000)'),
  limit('maxWaiting', 'NUMBER', 'requests that wait for one; beyond: 503 (default 1000)'),
  limit('maxBufferedBody', 'BYTES', 'of a body of unknown length (chunked); beyond: 413 (default 1048576)'),
  limit('maxResponseHeadBytes', 'BYTES', "of a response's head; beyond: 502 (default 65536)"),
];

const TIMES = [
  limit('connectTimeoutMs', 'MS', 'until the application accepts a connection; then: 504 (default 10000)'),
  limit('headersTimeoutMs', 'MS', 'in which it neither reads nor answers; then: 504 (default 60000)'),
  limit('bodyTimeoutMs', 'MS', 'between chunks of its response; then it is cut (default 30000)'),
  limit(
    'uploadTimeoutMs',
    'MS',
    'without a byte of a body that a client has announced; then: 408 (default 60000)',
  ),
  limit('sendTimeoutMs', 'MS', 'in which a client takes nothing of it; then it is cut (default 60000)'),
];

const REQUEST_TIMEOUT_FLAG: Flag = {
  name: 'request-timeout-ms',
  value: 'MS',
  help: `for a client to send its whole request; then: 408 (default ${DEFAULT_REQUEST_TIMEOUT_MS})`,
};

const DRAIN_FLAG: Flag = {
  name: 'drain-timeout-ms',
  value: 'MS',
  help: `for the requests under way at SIGINT or SIGTERM; then they are cut (default ${DEFAULT_DRAIN_TIMEOUT_MS})`,
};

/** What the messages of a gateway may name. */
const OPTIONS = ['allowedHosts', ...[...LIMITS, ...TIMES].map(({ option }) => option)];

const TIME_FLAGS: readonly Flag[] = [...TIMES, REQUEST_TIMEOUT_FLAG, DRAIN_FLAG];

export const gatewayCommand: Command = {
  name: 'gateway',
  flags: [...PLACE_FLAGS, ...COMMON_FLAGS, ...LIMITS, ...TIME_FLAGS],
  help: page(
    'Puts HTTP in front of one SCGI application, such as rTorrent, on this machine. In production, and for several\n' +
      'applications, put nginx, Apache or lighttpd there: rxscgi config prints their configurations.',
    section('Usage', 'rxscgi gateway --to ADDRESS [--listen 8080] [--mount /RPC2] [OPTIONS]'),
    section('Options', ...PLACE_FLAGS, ...COMMON_FLAGS),
    'Everyone who can reach the gateway can call the application. With rTorrent, that means running commands. It listens on\n' +
      'the loopback address, unless --listen names another one. There it answers 421 to requests for other hosts than localhost,\n' +
      'IP addresses and those of --allowed-host: pages of other sites can make their names lead to 127.0.0.1 (DNS rebinding).',
    ADDRESS_HELP,
    section('Limits, whole numbers or none', ...LIMITS),
    section('Times in milliseconds, whole numbers or none', ...TIME_FLAGS),
    section(
      'Log formats',
      'common   REMOTE - - [DATE] "METHOD TARGET PROTOCOL" STATUS BYTES DURATION: the Common Log Format and',
      '         milliseconds. Bytes are those of the body; a status of 0: the client left before there was one',
      'json     an object a line, for the same events',
      'off      nothing',
      'Responses go to stdout; addresses, failures and the end go to stderr.',
    ),
    section(
      'Signals',
      'SIGINT and SIGTERM accept no more connections and finish the requests under way; a second one ends at once.',
    ),
    section(
      'Exit codes',
      '0               stopped by a signal, and drained',
      '1               the address cannot be bound',
      '2               a wrong option',
      '129, 130, 143   ended at once by a second signal: SIGHUP, SIGINT, SIGTERM',
    ),
    section(
      'Examples',
      'rxscgi gateway --to 127.0.0.1:4000',
      'rxscgi gateway --listen 8080 --to unix:/run/rtorrent/rpc.socket --mount /RPC2 --max-connections 1',
    ),
  ),

  run(parsed) {
    if (parsed.positionals[0] !== undefined)
      throw misuse(`${JSON.stringify(parsed.positionals[0])} is too much: --to ADDRESS`, HINT);
    const to = parsed.values.get('to')?.at(-1);
    if (to === undefined) throw misuse('no application: --to 127.0.0.1:4000, for example', HINT);
    const log = logFormatOf(parsed, HINT);
    const place = placeOf(parsed);
    const isOpen = !isLoopback(place.host);
    const gateway = gatewayOf(to, parsed, isOpen);
    const drainTimeoutMs = timeOf(parsed, DRAIN_FLAG.name, DEFAULT_DRAIN_TIMEOUT_MS);
    const requestTimeoutMs = timeOf(parsed, REQUEST_TIMEOUT_FLAG.name, DEFAULT_REQUEST_TIMEOUT_MS);
    const serving = drainOnSignal((until) =>
      logged(gateway, { ...place, until, drainTimeoutMs, requestTimeoutMs }, log),
    );
    return isOpen ? concat(of(warning(place, to, log)), serving) : serving;
  },
};

type Place = Pick<FrontOptions, 'host' | 'port'>;

/** @throws CommandError */
function placeOf({ values }: ParsedFlags): Place {
  const text = values.get('listen')?.at(-1) ?? DEFAULT_LISTEN;
  const address = addressOf(/^[0-9]+$/.test(text) ? `${LOOPBACK_HOST}:${text}` : text);
  if (address?.kind === 'tcp') return { host: address.host, port: address.port };
  throw misuse(`--listen takes a port, or HOST:PORT, not ${JSON.stringify(text)}`, HINT);
}

function addressOf(text: string): Address | undefined {
  try {
    return parseAddress(text);
  } catch {
    return undefined;
  }
}

function isLoopback(host: string): boolean {
  return /^(127(\.[0-9]{1,3}){3}|localhost|::1)$/i.test(host);
}

/** @throws CommandError naming the flag that is wrong. */
function gatewayOf(to: string, { values }: ParsedFlags, isOpen: boolean): ScgiGateway {
  const limits: Partial<Record<GatewayLimit, number>> = {};
  for (const { name, option } of [...LIMITS, ...TIMES]) {
    const text = values.get(name)?.at(-1);
    if (text !== undefined) limits[option] = limitOf(name, text, HINT);
  }
  const allowedHosts = values.get('allowed-host') ?? (isOpen ? undefined : []);
  const proxies = values.get('trust-proxy')?.at(-1);
  const trustProxy = proxies === undefined ? undefined : proxiesOf(proxies);
  try {
    return scgiGateway(to, { ...limits, mount: values.get('mount')?.at(-1), allowedHosts, trustProxy });
  } catch (error) {
    const message = messageInFlags((error as Error).message);
    throw misuse(message.replace(/^--allowed-hosts must be an array of/, '--allowed-host takes'), HINT);
  }
}

/** @throws CommandError */
function timeOf({ values }: ParsedFlags, name: string, defaultMs: number): number {
  const text = values.get(name)?.at(-1);
  if (text === undefined) return defaultMs;
  const ms = limitOf(name, text, HINT);
  try {
    return verifyTimeout(`--${name}`, ms, defaultMs);
  } catch (error) {
    throw misuse(messageInFlags((error as Error).message), HINT);
  }
}

/** Serves HTTP, and tells what happens as a server does. */
function logged(gateway: ScgiGateway, options: FrontOptions, log: LogFormat): Observable<LogLine> {
  const { host, port } = options;
  const front = serveHttp(gateway, options).pipe(share());
  const told = front.pipe(
    map((event): LogEvent => (event.type === 'listening' ? { ...event, address: event.url } : event)),
    endWith<LogEvent>({ type: 'closed' }),
    catchError((error: unknown) => throwError(() => listenError(error, { kind: 'tcp', host, port }))),
  );
  const ended = front.pipe(
    ignoreElements(),
    endWith(undefined),
    catchError(() => of(undefined)),
  );
  const requests = gateway.events.pipe(map(logEventOf), takeUntil(ended));
  return merge(requests, told).pipe(failuresInFlags(OPTIONS), accessLog(log));
}

/** Warns even where there is no log. */
function warning({ host, port }: Place, to: string, log: LogFormat): LogLine {
  const where = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const message = `everyone who can reach ${where} can call ${to}: with rTorrent, that means running commands`;
  if (log === 'json')
    return {
      to: 'stderr',
      json: true,
      text: escapeJson({ time: new Date().toISOString(), event: 'warning', message }),
    };
  return { to: 'stderr', text: `rxscgi: warning: ${escapeMessage(message)}` };
}
