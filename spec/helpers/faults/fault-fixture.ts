import type { ScgiErrorCode } from '../../../lib/core/errors/codes.js';
import type { ReaderOptions } from '../../../lib/core/options.js';

/** A request that is refused. */
export interface FaultFixture {
  /** What is wrong; where two things are, the first named is the one that counts. */
  readonly fault: string;
  readonly input: string;
  readonly options?: ReaderOptions;
  /** The events that come first, as in a log. */
  readonly after?: readonly string[];
  /** How many bytes must have been read for the error to come. */
  readonly raisedAt: number;
  readonly offset: number;
  readonly limit?: number;
  readonly actual?: number;
  readonly foreignProtocol?: string;
}

/** The refused requests of one code. */
export interface FaultGroup {
  readonly code: ScgiErrorCode;
  readonly status: number;
  readonly rows: readonly FaultFixture[];
}
