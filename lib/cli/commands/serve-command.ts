/** `rxscgi serve`: serves a module behind a web server. */
import cluster from 'node:cluster';
import { isOurWorker } from '../../system/addresses/worker-socket.js';
import { seeHelp, type Command } from '../command.js';
import { misuse } from '../command-error.js';
import {
  COMMON_FLAGS,
  DEV_DRAIN_TIMEOUT_MS,
  DRAIN_FLAG,
  LIMIT_FLAGS,
  LISTEN_FLAGS,
  PROTOCOL_FLAGS,
  TIME_FLAGS,
  WORKER_FLAGS,
  type ServeFlag,
} from '../flags/flags.js';
import { EXIT_CODE_HELP, LOG_HELP, MODULE_HELP, page, section } from '../help.js';
import { serveAlone } from './serve-alone.js';
import {
  logFormatOf,
  modulePathOf,
  requireCurrentFolder,
  serveOptionsOf,
  socketAccessOf,
  workersOf,
  type ServePlan,
} from './serve-options.js';
import { servePrimary } from '../workers/serve-primary.js';
import { serveWorker } from '../workers/serve-worker.js';

const HINT = seeHelp('serve');

const SERVE_FLAGS: readonly ServeFlag[] = [...LIMIT_FLAGS, ...TIME_FLAGS, DRAIN_FLAG, ...PROTOCOL_FLAGS];

export const serveCommand: Command = {
  name: 'serve',
  flags: [...LISTEN_FLAGS, ...WORKER_FLAGS, ...COMMON_FLAGS, ...SERVE_FLAGS],
  help: page(
    'Serves a handler over SCGI, behind nginx, Apache or lighttpd.',
    section('Usage', 'rxscgi serve MODULE --listen ADDRESS [OPTIONS]'),
    MODULE_HELP,
    section('Options', ...LISTEN_FLAGS, ...WORKER_FLAGS, ...COMMON_FLAGS),
    section(
      'Addresses',
      '127.0.0.1:4000   [::1]:4000   localhost:4000   TCP; port 0: any free port',
      'unix:/run/app.sock                             a Unix socket; one left over from a crash is replaced',
      'unix:@name                                     an abstract Unix socket (Linux)',
      'fd:3                                           an inherited descriptor that listens',
      'systemd   systemd:NAME                         the sockets of a systemd unit',
    ),
    section('Limits, whole numbers or none', ...LIMIT_FLAGS),
    section('Times in milliseconds, whole numbers or none', ...TIME_FLAGS, DRAIN_FLAG),
    section('Protocol', ...PROTOCOL_FLAGS),
    LOG_HELP,
    section(
      'Signals',
      'SIGINT and SIGTERM accept no more connections and finish the requests under way; a second one ends at once.',
      'SIGHUP replaces the workers one by one, with the module as it is now, and no connection is refused. A new worker',
      'that fails, or does not listen within 60 s, ends the reload, and the old ones go on. Without workers, SIGHUP is',
      'ignored, unless the terminal was closed: then it counts as SIGTERM.',
    ),
    section(
      'systemd',
      '--listen systemd listens on the sockets of a .socket unit. Where NOTIFY_SOCKET is set, systemd is notified when',
      'all addresses are bound and when the service stops; WATCHDOG_USEC is honoured. Units: examples/systemd.',
    ),
    EXIT_CODE_HELP,
    section(
      'Examples',
      'rxscgi serve app.mjs --listen 127.0.0.1:4000',
      'rxscgi serve app.mjs --listen unix:/run/app/app.sock --socket-group www-data',
      'rxscgi serve app.mjs --listen systemd --workers auto',
      'rxscgi serve app.mjs --listen 127.0.0.1:4000 --reload',
      'rxscgi serve app.cjs --listen 127.0.0.1:4000 --listen [::1]:4000 --max-body-bytes 10000000',
    ),
  ),

  run(parsed) {
    const path = modulePathOf(parsed, HINT);
    const listen = parsed.values.get('listen');
    if (!listen) throw misuse('no address: --listen 127.0.0.1:4000, for example', HINT);
    const log = logFormatOf(parsed, HINT);
    const reload = parsed.values.has('reload');
    const rest = {
      listen,
      ...socketAccessOf(parsed, HINT),
      ...(reload ? { drainTimeoutMs: DEV_DRAIN_TIMEOUT_MS } : {}),
    };
    const options = serveOptionsOf(parsed, SERVE_FLAGS, rest, HINT);
    const plan: ServePlan = { path, options, reload, log };
    const workers = workersOf(parsed, HINT) ?? (reload ? 1 : undefined);
    if (isOurWorker()) return serveWorker(plan);
    if (workers === undefined) return serveAlone(plan);
    if (cluster.isWorker)
      throw misuse('--workers and --reload are not possible in a worker of another cluster', HINT);
    requireCurrentFolder(HINT);
    return servePrimary(plan, workers);
  },
};
