/** What a log says about a request. */
import { readProperty } from '../../core/errors/error-facts.js';
import type { ServerEvent } from '../../server/server-event.js';
import { shorten } from '../../core/text/printable-text.js';

/** A request as far as a log looks at it. */
export interface LoggedRequest {
  readonly remoteAddress: string | undefined;
  readonly method: string;
  readonly variables: { get(name: string): string | undefined };
}

/** What a log tells. */
export type LogEvent = ServerEvent<LoggedRequest>;

export interface RequestFacts {
  readonly remote: string | undefined;
  readonly method: string | undefined;
  readonly uri: string | undefined;
  readonly protocol: string | undefined;
}

/** Characters of each of these. */
const MAX_LENGTH = 8192;

/** Looks at a request. An application may have changed it: no value makes this throw. */
export function requestFacts(request: LoggedRequest): RequestFacts {
  return {
    remote: textOf(readProperty(request, 'remoteAddress')),
    method: textOf(readProperty(request, 'method')),
    uri: textOf(variable(request, 'REQUEST_URI') ?? readProperty(request, 'path')),
    protocol: textOf(variable(request, 'SERVER_PROTOCOL')),
  };
}

function variable(request: LoggedRequest, name: string): unknown {
  try {
    return request.variables.get(name);
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? shorten(value, MAX_LENGTH) : undefined;
}
