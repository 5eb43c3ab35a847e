/** The options of writing a response: their units, their defaults, and the one place that verifies them. */
import { verifyLimit, verifyTimeout, type OptionNames } from '../core/options.js';

/** Limits for a gateway that does not read the response, and for closing the connection afterwards. */
export interface WriteOptions {
  /** Most milliseconds without progress while bytes of the response wait for the gateway. Default 60 000. */
  readonly sendTimeoutMs?: number | undefined;
  /** Milliseconds without input, after the response has been sent, until the connection is closed. Default 2 000. */
  readonly lingerMs?: number | undefined;
  /** Most bytes beyond the request's announced length that are read and dropped after the response has been sent. Default 67 108 864. */
  readonly lingerBytes?: number | undefined;
}

export interface WriteSettings {
  readonly sendTimeoutMs: number;
  readonly lingerMs: number;
  readonly lingerBytes: number;
}

export const WRITE_OPTIONS: OptionNames<WriteOptions> = {
  sendTimeoutMs: true,
  lingerMs: true,
  lingerBytes: true,
};

/**
 * Called for each connection in a pipeline by hand, mostly without options.
 *
 * @throws RangeError naming the first option that is wrong.
 */
export function verifyWriteOptions(options?: WriteOptions): WriteSettings {
  return options === undefined ? DEFAULTS : verifiedWriteOptions(options);
}

const DEFAULTS = verifiedWriteOptions({});

function verifiedWriteOptions(options: WriteOptions): WriteSettings {
  return {
    sendTimeoutMs: verifyTimeout('sendTimeoutMs', options.sendTimeoutMs, 60_000),
    lingerMs: verifyTimeout('lingerMs', options.lingerMs, 2000),
    lingerBytes: verifyLimit('lingerBytes', options.lingerBytes, 64 * 1024 * 1024, 0),
  };
}
