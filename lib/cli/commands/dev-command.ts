/** `rxscgi dev`: serves a module with an HTTP front end, for a browser on this machine. */
import cluster from 'node:cluster';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { verifyHosts } from '../../node/gateway/gateway-options.js';
import { isOurWorker } from '../../system/addresses/worker-socket.js';
import { misuse } from '../command-error.js';
import { seeHelp, type Command } from '../command.js';
import { serveDev } from '../dev/dev-server.js';
import {
  COMMON_FLAGS,
  DEV_DRAIN_FLAG,
  DEV_DRAIN_TIMEOUT_MS,
  HTTP_FLAGS,
  LIMIT_FLAGS,
  PROTOCOL_FLAGS,
  TIME_FLAGS,
  type ServeFlag,
} from '../flags/flags.js';
import { EXIT_CODE_HELP, LOG_HELP, MODULE_HELP, page, section } from '../help.js';
import { checkModule } from '../application/load-module.js';
import type { ParsedFlags } from '../flags/parse-flags.js';
import { logFormatOf, modulePathOf, serveOptionsOf, requireCurrentFolder } from './serve-options.js';
import { drainOnSignal } from '../process/stop-signals.js';
import { serveWorker } from '../workers/serve-worker.js';

const HINT = seeHelp('dev');

const DEFAULT_PORT = '8080';
const DEFAULT_INSPECT_PORT = '8081';
const DEFAULT_HOST = '127.0.0.1';

const SERVE_FLAGS: readonly ServeFlag[] = [...LIMIT_FLAGS, ...TIME_FLAGS, DEV_DRAIN_FLAG, ...PROTOCOL_FLAGS];

export const devCommand: Command = {
  name: 'dev',
  flags: [...HTTP_FLAGS, ...COMMON_FLAGS, ...SERVE_FLAGS],
  help: page(
    'Serves a module over HTTP, so that you see it in a browser while you write it. In production, put a web server in\n' +
      'front of `rxscgi serve`.',
    section('Usage', 'rxscgi dev MODULE [--port PORT] [OPTIONS]'),
    MODULE_HELP,
    section('Options', ...HTTP_FLAGS, ...COMMON_FLAGS),
    'The module runs in a process of its own, behind a gateway that speaks SCGI with it. When code below its folder\n' +
      'changes, it is started anew; requests wait meanwhile, and event streams are ended. While it does not load, or\n' +
      'after it has crashed, the browser shows why.',
    '--inspect serves the live view on 127.0.0.1: bytes, brakes, bodies, handlers, responses and errors of each exchange.\n' +
      'Its URL is in the log. Values that log somebody in, such as cookies, are masked; bodies are not.',
    'The URL is printed to stdout as soon as it works. An upload of unknown length (chunked) is collected first,\n' +
      'up to 1 MiB; beyond: 413.',
    section('Limits, whole numbers or none', ...LIMIT_FLAGS),
    section('Times in milliseconds, whole numbers or none', ...TIME_FLAGS, DEV_DRAIN_FLAG),
    section('Protocol', ...PROTOCOL_FLAGS),
    LOG_HELP,
    section(
      'Signals',
      'SIGINT (Ctrl-C) and SIGTERM accept no more connections and finish the requests under way; a second one ends at once.',
    ),
    EXIT_CODE_HELP,
    section(
      'Examples',
      'rxscgi dev app.mjs --open',
      'rxscgi dev app.mjs --inspect',
      'rxscgi dev app.mjs --port 0 --log json',
    ),
  ),

  run(parsed) {
    const path = modulePathOf(parsed, HINT);
    const port = portOf(parsed);
    const inspectPort = inspectPortOf(parsed);
    const host = parsed.values.get('host')?.at(-1) ?? DEFAULT_HOST;
    const log = logFormatOf(parsed, HINT);
    // A connection over TCP can be reset: a response that was cut short does not look complete.
    const given = serveOptionsOf(parsed, SERVE_FLAGS, { listen: '127.0.0.1:0' }, HINT);
    const { drainTimeoutMs = DEV_DRAIN_TIMEOUT_MS } = given;
    const options = { ...given, drainTimeoutMs };
    const watches = !parsed.values.has('no-watch');
    const inspects = inspectPort !== undefined;
    if (isOurWorker()) return serveWorker({ path, options, reload: watches, log, isDev: true, inspects });
    requireCurrentFolder(HINT);
    checkModule(path);
    if (cluster.isWorker) throw misuse('rxscgi dev is not possible in a worker of another cluster', HINT);
    const plan = {
      path,
      host,
      port,
      allowedHosts: allowedHostsOf(parsed, host),
      drainTimeoutMs,
      watches,
      opens: parsed.values.has('open'),
      inspectPort,
      log,
    };
    return drainOnSignal((stop) => serveDev(plan, stop));
  },
};

/** Returns the names by which the front end may be addressed, beside `localhost` and IP addresses. @throws CommandError */
function allowedHostsOf({ values }: ParsedFlags, host: string): string[] {
  const given = values.get('allowed-host') ?? [];
  try {
    verifyHosts(given);
  } catch {
    throw misuse('--allowed-host takes the name of a host, without a port', HINT);
  }
  // Other machines know this one by its name.
  const own = isIP(host) === 0 ? [host] : [hostname(), `${hostname()}.local`];
  return [...given, ...own].map((name) => name.toLowerCase());
}

/** @throws CommandError */
function portOf({ values }: ParsedFlags): number {
  const flag = values.has('port') ? 'port' : 'http';
  return numberOf(flag, values.get(flag)?.at(-1) ?? DEFAULT_PORT);
}

/** @throws CommandError */
function inspectPortOf({ values }: ParsedFlags): number | undefined {
  const text = values.get('inspect')?.at(-1);
  return text === undefined ? undefined : numberOf('inspect', text === '' ? DEFAULT_INSPECT_PORT : text);
}

/** @throws CommandError */
function numberOf(flag: string, text: string): number {
  const port = Number(text);
  if (/^[0-9]{1,5}$/.test(text) && port <= 65_535) return port;
  throw misuse(`--${flag} takes a port, 0 to 65535, not ${JSON.stringify(text)}`, HINT);
}
