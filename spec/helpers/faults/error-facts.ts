import { isScgiError } from '../../../lib/core/errors/errors.js';

/** What specs assert of an error: all but its prose. Absent is what the error does not have. */
export interface ErrorFacts {
  readonly code: string;
  readonly status: number;
  readonly offset?: number;
  readonly limit?: number;
  readonly actual?: number;
  readonly foreignProtocol?: string;
}

/** The facts of an `ScgiError`; any other error is thrown on, as no spec expects one. */
export function factsOf(error: unknown): ErrorFacts {
  if (!isScgiError(error)) throw error;
  const { code, status, offset, limit, actual, foreignProtocol } = error as ErrorFacts;
  return {
    code,
    status,
    ...(offset !== undefined && { offset }),
    ...(limit !== undefined && { limit }),
    ...(actual !== undefined && { actual }),
    ...(foreignProtocol !== undefined && { foreignProtocol }),
  };
}

/** The facts of what `action` throws. */
export function factsThrownBy(action: () => unknown): ErrorFacts {
  try {
    action();
  } catch (error) {
    return factsOf(error);
  }
  throw new Error('nothing was thrown');
}

/** The code of what `action` throws, where there is nothing else to assert. */
export function codeThrownBy(action: () => unknown): string {
  return factsThrownBy(action).code;
}
