/** What `rxscgi serve` has been asked for. */
import type { ServeOptions } from '../../node/serve-options.js';
import type { LogFormat } from '../log/access-log.js';

export interface ServePlan {
  /** The module. */
  readonly path: string;
  /** Verified. */
  readonly options: ServeOptions;
  readonly log: LogFormat;
}
