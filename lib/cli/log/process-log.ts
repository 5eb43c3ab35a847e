/** The log of the command's processes. */
import { asyncScheduler, filter, map, type OperatorFunction } from 'rxjs';
import { escapeMessage } from '../../core/text/printable-text.js';
import type { LogFormat } from './access-log.js';
import { commonLine } from './common-log.js';
import { escapeJson } from './escape-text.js';
import { jsonLine } from './json-log.js';
import type { LogLine } from './log-output.js';
import type { PoolEvent } from '../workers/worker-event.js';

/** Turns process events into lines for stderr, in the format of the access log. */
export function processLog(format: LogFormat): OperatorFunction<PoolEvent, LogLine> {
  return (source) =>
    source.pipe(
      map((event) => lineOf(event, format, new Date(asyncScheduler.now()))),
      filter((line) => line !== undefined),
    );
}

function lineOf(event: PoolEvent, format: LogFormat, time: Date): LogLine | undefined {
  if (format === 'off') return undefined;
  // A pool reports its addresses and its end like a single server.
  if (event.type === 'listening' || event.type === 'closed') {
    return format === 'json' ? jsonLine(event, time) : commonLine(event, time, false);
  }
  const { type, ...facts } = event;
  if (format === 'common') return { to: 'stderr', text: `rxscgi: ${escapeMessage(messageOf(event))}` };
  return { to: 'stderr', text: escapeJson({ time: time.toISOString(), event: type, ...facts }), json: true };
}

function messageOf(event: Exclude<PoolEvent, { type: 'listening' | 'closed' }>): string {
  switch (event.type) {
    case 'worker-ready':
      return `worker ${event.pid} listens`;
    case 'worker-draining':
      return `worker ${event.pid} is draining, connections open: ${event.connections}`;
    case 'worker-died':
      return `${event.pid === 0 ? 'a worker' : `worker ${event.pid}`} died: ${event.reason}${next(event.restartInMs)}`;
    case 'reloading':
      return 'replacing the workers one by one';
    case 'reloaded':
      return 'all workers have been replaced';
    case 'reload-failed':
      return `the workers were not replaced and go on: ${event.reason}`;
    case 'reload-ignored':
      return 'SIGHUP was ignored: it replaces workers, and --workers is not set';
    case 'restarting':
      return `${event.file} has changed: restarting`;
    case 'restarted':
      return 'restarted';
    case 'application-failed':
      return `${event.reason} (waiting for a change of a file)`;
    case 'watch-failed':
      return `changes of the code are not noticed: ${event.reason}`;
    case 'open-failed':
      return `no browser was opened: ${event.reason}`;
    case 'inspecting':
      return `the live view is at ${event.url}`;
    case 'pool-draining':
      return `draining ${event.workers} workers`;
    case 'manager-unreachable':
      return `cannot tell the service manager: ${event.reason}`;
    default:
      return event satisfies never;
  }
}

function next(restartInMs: number | undefined): string {
  if (restartInMs === undefined) return '';
  return restartInMs === 0 ? '; restarting' : `; restarting in ${restartInMs} ms`;
}
