/** Server events as JSON, an object a line. */
import type { ServerEvent } from '../../server/server-event.js';
import type { ScgiRequest } from '../../operators/types.js';
import { errorFacts } from './error-facts.js';
import { escapeJson } from './escape-text.js';
import type { LogLine } from './log-line.js';

/** The line of an event, if it has one. */
export function jsonLine(event: ServerEvent, time: Date): LogLine | undefined {
  if (event.type === 'request') return undefined;
  const text = escapeJson({ time: time.toISOString(), event: event.type, ...factsOf(event) });
  return { to: event.type === 'response' ? 'stdout' : 'stderr', text };
}

function factsOf(event: Exclude<ServerEvent, { type: 'request' }>): object {
  switch (event.type) {
    case 'listening':
      return { address: event.address };
    case 'response': {
      const { request, status, bytesIn, bytesOut, durationMs } = event;
      return {
        ...requestFacts(request),
        status,
        bytesIn,
        bytesOut,
        durationMs: Math.round(durationMs * 1e3) / 1e3,
      };
    }
    case 'failure': {
      const { code, message, stack } = errorFacts(event.error);
      return { ...requestFacts(event.request), code, message, stack };
    }
    case 'draining':
      return { connections: event.connections };
    case 'closed':
      return {};
    default:
      return event satisfies never;
  }
}

function requestFacts(request: ScgiRequest | undefined): object {
  if (!request) return {};
  const { variables, method, path, remoteAddress } = request;
  return {
    remote: remoteAddress,
    method,
    uri: variables.get('REQUEST_URI') ?? path,
    protocol: variables.get('SERVER_PROTOCOL'),
  };
}
