/** Formats server events as JSON, one object per line. */
import { errorFacts, isClientError, titleOf, type ErrorFacts } from '../../core/errors/error-facts.js';
import { escapeJson } from './escape-text.js';
import type { LogLine } from './log-output.js';
import { requestFacts, type LogEvent } from './request-facts.js';

/** Formats an event; `undefined` for events that are not logged. */
export function jsonLine(event: LogEvent, time: Date): LogLine | undefined {
  if (event.type === 'request') return undefined;
  const text = escapeJson({ time: time.toISOString(), event: event.type, ...factsOf(event) });
  return { to: event.type === 'response' ? 'stdout' : 'stderr', text, json: true };
}

function factsOf(event: Exclude<LogEvent, { type: 'request' }>): object {
  switch (event.type) {
    case 'listening':
      return { address: event.address };
    case 'response': {
      const { request, status, aborted, bytesIn, bytesOut, durationMs } = event;
      return {
        ...(request && requestFacts(request)),
        status,
        aborted,
        bytesIn,
        bytesOut,
        durationMs: Math.round(durationMs * 1e3) / 1e3,
      };
    }
    case 'failure': {
      const { error, request } = event;
      const isAnswer = isClientError(error);
      const level = isAnswer ? 'info' : 'error';
      return { ...(request && requestFacts(request)), level, ...jsonError(errorFacts(error), !isAnswer) };
    }
    case 'draining':
      return { connections: event.connections };
    case 'closed':
      return {};
    default:
      return event satisfies never;
  }
}

function jsonError(facts: ErrorFacts, withStack: boolean): object {
  const { code, message, frames, cause } = facts;
  return {
    code,
    message,
    stack: frames.length === 0 || !withStack ? undefined : [titleOf(facts), ...frames].join('\n    '),
    cause: cause && jsonError(cause, withStack),
  };
}
