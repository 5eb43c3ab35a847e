/** Formats responses in the Common Log Format, and other server events as lines for people. */
import { errorLines, isClientError } from '../../core/errors/error-facts.js';
import { escapeMessage } from '../../core/text/printable-text.js';
import { errorText } from './error-text.js';
import { escapeField, escapeQuoted } from './escape-text.js';
import type { LogLine } from './log-output.js';
import { requestFacts, type LogEvent, type LoggedRequest } from './request-facts.js';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Formats an event; `undefined` for events that are not logged.
 *
 * @param withStacks - whether the stack of an application's error follows, indented. An error with a status of 4xx has none: it is an answer.
 */
export function commonLine(event: LogEvent, time: Date, withStacks: boolean): LogLine | undefined {
  switch (event.type) {
    case 'listening':
      return { to: 'stderr', text: `rxscgi: listening on ${escapeMessage(event.address)}` };
    case 'request':
      return undefined;
    case 'response': {
      const { request, status, aborted, bytesOut, durationMs } = event;
      return {
        to: 'stdout',
        text: `${prefix(request, time)} ${status} ${bytesOut} ${durationMs.toFixed(1)}ms${aborted ? ' aborted' : ''}`,
      };
    }
    case 'failure': {
      const { error, request } = event;
      const line = `${prefix(request, time)} ${escapeMessage(errorText(error))}`;
      const below = withStacks && !isClientError(error) ? errorLines(error).slice(1) : [];
      return { to: 'stderr', text: [line, ...below].join('\n') };
    }
    case 'draining':
      return { to: 'stderr', text: `rxscgi: draining, connections open: ${event.connections}` };
    case 'closed':
      return { to: 'stderr', text: 'rxscgi: closed' };
    default:
      return event satisfies never;
  }
}

/** `remote - - [date] "METHOD URI PROTOCOL"` */
function prefix(request: LoggedRequest | undefined, time: Date): string {
  const facts = request && requestFacts(request);
  const line = facts ? `${facts.method ?? '-'} ${facts.uri ?? '-'} ${facts.protocol ?? '-'}` : '-';
  return `${escapeField(facts?.remote ?? '')} - - [${commonDate(time)}] "${escapeQuoted(line)}"`;
}

/** `10/Oct/2000:13:55:36 +0000` */
function commonDate(time: Date): string {
  const [date, clock] = time.toISOString().split('T') as [string, string];
  const [year, month, day] = date.split('-') as [string, string, string];
  return `${day}/${MONTHS[Number(month) - 1] as string}/${year}:${clock.slice(0, 8)} +0000`;
}
