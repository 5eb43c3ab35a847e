/** What a log says about a request. */
import { readProperty } from '../../core/error-facts.js';
import { shorten } from '../../core/printable-text.js';
import type { ScgiRequest } from '../../operators/types.js';

export interface RequestFacts {
  readonly remote: string | undefined;
  readonly method: string | undefined;
  readonly uri: string | undefined;
  readonly protocol: string | undefined;
}

/** Characters of each of these. */
const MAX_LENGTH = 8192;

/** Looks at a request. An application may have changed it: no value makes this throw. */
export function requestFacts(request: ScgiRequest): RequestFacts {
  return {
    remote: textOf(readProperty(request, 'remoteAddress')),
    method: textOf(readProperty(request, 'method')),
    uri: textOf(variable(request, 'REQUEST_URI') ?? readProperty(request, 'path')),
    protocol: textOf(variable(request, 'SERVER_PROTOCOL')),
  };
}

function variable(request: ScgiRequest, name: string): unknown {
  try {
    return request.variables.get(name);
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? shorten(value, MAX_LENGTH) : undefined;
}
