/** The options of writing a response: their units, their defaults, and the one place that verifies them. */
import { verifyLimit, verifyTimeout, type OptionNames } from '../core/options.js';

/** Bounds for a gateway that takes nothing of the response, and for the drain of its input afterwards. */
export interface WriteOptions {
  /** Milliseconds without any progress while the gateway has yet to take more. Default 60 000. */
  readonly sendTimeoutMs?: number | undefined;
  /** Milliseconds without input, after the response is out, until the connection is closed. Default 2 000. */
  readonly lingerMs?: number | undefined;
  /** Bytes of input beyond the request's announced length that are dropped after the response is out. Default 67 108 864. */
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

/** @throws RangeError naming the first option that is wrong. */
export function verifyWriteOptions(options: WriteOptions = {}): WriteSettings {
  return {
    sendTimeoutMs: verifyTimeout('sendTimeoutMs', options.sendTimeoutMs, 60_000),
    lingerMs: verifyTimeout('lingerMs', options.lingerMs, 2000),
    lingerBytes: verifyLimit('lingerBytes', options.lingerBytes, 64 * 1024 * 1024, 0),
  };
}
