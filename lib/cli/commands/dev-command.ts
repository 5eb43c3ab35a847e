/** `rxscgi dev`: serves a module with an HTTP front end, for a browser on this machine. */
import { runModule } from '../application.js';
import { misuse } from '../command-error.js';
import { seeHelp, type Command } from '../command.js';
import { serveBoth } from './dev-server.js';
import {
  COMMON_FLAGS,
  DEV_DRAIN_FLAG,
  DEV_DRAIN_TIMEOUT_MS,
  HTTP_FLAGS,
  LIMIT_FLAGS,
  PROTOCOL_FLAGS,
  TIME_FLAGS,
  type ServeFlag,
} from '../flags.js';
import { EXIT_CODE_HELP, LOG_HELP, MODULE_HELP, page, section } from '../help.js';
import type { ParsedFlags } from '../parse-flags.js';
import { logFormatOf, modulePathOf, serveOptionsOf } from './serve-options.js';
import { drainOnSignal } from '../stop-signals.js';

const HINT = seeHelp('dev');

const DEFAULT_PORT = '8080';
const DEFAULT_HOST = '127.0.0.1';

const SERVE_FLAGS: readonly ServeFlag[] = [...LIMIT_FLAGS, ...TIME_FLAGS, DEV_DRAIN_FLAG, ...PROTOCOL_FLAGS];

export const devCommand: Command = {
  name: 'dev',
  flags: [...HTTP_FLAGS, ...COMMON_FLAGS, ...SERVE_FLAGS],
  help: page(
    'Serves a module over HTTP, through SCGI on a loopback port, so that you see it in a browser while you\n' +
      'write it. In production, put a web server in front of `rxscgi serve`.',
    section('Usage', 'rxscgi dev MODULE [--port PORT] [OPTIONS]'),
    MODULE_HELP,
    section('Options', ...HTTP_FLAGS, ...COMMON_FLAGS),
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
    section('Examples', 'rxscgi dev app.mjs', 'rxscgi dev app.mjs --port 0 --log json'),
  ),

  run(parsed) {
    const path = modulePathOf(parsed, HINT);
    const port = portOf(parsed);
    const host = parsed.values.get('host')?.at(-1) ?? DEFAULT_HOST;
    const log = logFormatOf(parsed, HINT);
    const listen = '127.0.0.1:0';
    const { drainTimeoutMs = DEV_DRAIN_TIMEOUT_MS, ...options } = serveOptionsOf(
      parsed,
      SERVE_FLAGS,
      { listen },
      HINT,
    );
    return drainOnSignal((until) =>
      runModule(path, until, (handler) =>
        serveBoth({ handler, options, host, port, drainTimeoutMs, until, log }),
      ),
    );
  },
};

/** @throws CommandError */
function portOf({ values }: ParsedFlags): number {
  const flag = values.has('port') ? 'port' : 'http';
  const text = values.get(flag)?.at(-1) ?? DEFAULT_PORT;
  const port = Number(text);
  if (/^[0-9]{1,5}$/.test(text) && port <= 65_535) return port;
  throw misuse(`--${flag} takes a port, 0 to 65535, not ${JSON.stringify(text)}`, HINT);
}
