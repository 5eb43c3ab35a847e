/** How long an exchange waits for its gateway and for its handler. */
import { ScgiLimitError } from '../../core/errors.js';
import type { HandleSettings } from '../engine-options.js';
import { IdleTimer, type Timekeeper } from './idle-timer.js';

export type TimeoutOption = 'headersTimeoutMs' | 'bodyTimeoutMs' | 'handlerTimeoutMs';

const TIMEOUTS = {
  headersTimeoutMs: { code: 'ERR_SCGI_HEADERS_TIMEOUT', what: 'no complete head came' },
  bodyTimeoutMs: { code: 'ERR_SCGI_BODY_TIMEOUT', what: 'no more of the body came' },
  handlerTimeoutMs: { code: 'ERR_SCGI_HANDLER_TIMEOUT', what: 'the handler gave no response' },
} as const;

/** Whose time it is. */
export interface TimedExchange {
  /** Whether it does not read for now: that time is not the gateway's. */
  readonly inputHeld: boolean;
  /** Whether more of the body is of use to somebody. */
  readonly bodyAwaited: boolean;
  fail(error: ScgiLimitError): void;
}

/** Starts one of the timeouts; `undefined` where it is switched off. */
export function startTimeout(
  option: TimeoutOption,
  settings: HandleSettings,
  keeper: Timekeeper,
  exchange: TimedExchange,
): IdleTimer | undefined {
  const ms = settings[option];
  if (ms === Infinity) return undefined;
  const timer = new IdleTimer(keeper, ms, () => {
    if (option === 'bodyTimeoutMs') {
      if (exchange.inputHeld) {
        timer.start();
        return;
      }
      // nginx sends no more of an upload once it has the head of the response; the next chunk starts the time anew.
      if (!exchange.bodyAwaited) return;
    }
    const { code, what } = TIMEOUTS[option];
    exchange.fail(new ScgiLimitError(code, `${what} within ${option}, ${ms} ms`, ms, ms));
  });
  timer.start();
  return timer;
}
