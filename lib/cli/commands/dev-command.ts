/** `rxscgi dev`: serves a module with an HTTP front end, for a browser on this machine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defer, finalize, type Observable } from 'rxjs';
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
    'Serves a module over HTTP, through SCGI on a private Unix socket, so that you see it in a browser while you\n' +
      'write it. In production, put a web server in front of `rxscgi serve`.',
    section('Usage', 'rxscgi dev MODULE [--port PORT] [OPTIONS]'),
    MODULE_HELP,
    section('Options', ...HTTP_FLAGS, ...COMMON_FLAGS),
    'The URL is printed to stdout as soon as it works. An upload of unknown length (chunked) is collected first,\n' +
      'up to 16 MiB; beyond: 413.',
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
    const listen = 'unix:app.sock';
    const { drainTimeoutMs = DEV_DRAIN_TIMEOUT_MS, ...options } = serveOptionsOf(
      parsed,
      SERVE_FLAGS,
      { listen },
      HINT,
    );
    return drainOnSignal((until) =>
      runModule(path, until, (handler) =>
        inPrivateFolder((folder) => {
          const address = `unix:${join(folder, 'app.sock')}`;
          return serveBoth({ handler, address, options, host, port, drainTimeoutMs, until, log });
        }),
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

/** Makes a private folder when subscribed (mkdtemp makes it 0700), and removes it with its content at the end. */
function inPrivateFolder<T>(use: (folder: string) => Observable<T>): Observable<T> {
  return defer(() => {
    const folder = mkdtempSync(join(tmpdir(), 'rxscgi-'));
    const remove = (): void => rmSync(folder, { recursive: true, force: true });
    // An uncaught error ends the process without finalization.
    process.once('exit', remove);
    return use(folder).pipe(
      finalize(() => {
        process.off('exit', remove);
        remove();
      }),
    );
  });
}
