/** The access log as an operator over server events. */
import { asyncScheduler, filter, map, type OperatorFunction, type SchedulerLike } from 'rxjs';
import { commonLine } from './common-log.js';
import type { LogEvent } from './request-facts.js';
import { jsonLine } from './json-log.js';
import type { LogLine } from './log-output.js';

export const LOG_FORMATS = ['common', 'json', 'off'] as const;

export type LogFormat = (typeof LOG_FORMATS)[number];

/** Options of {@link accessLog}. */
export interface AccessLogOptions {
  /** Whether the stack of an application's error follows in the common format, on lines of its own, unless it has a status of 4xx. Default false. */
  readonly withStacks?: boolean | undefined;
  /** The clock of the lines' times. Default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
}

/**
 * Turns server events into log lines: responses for stdout, everything else for stderr.
 *
 *     source:  -l--q-s--q-f-d-c|      l listening, q request, s response, f failure, d draining, c closed
 *     result:  -l----s----f-d-c|
 *
 * Nothing that a peer sends can end or forge a line: control characters, quotes and backslashes are escaped. No event makes it
 * throw.
 *
 * @param format - `common`, `json`, or `off` for no lines.
 */
export function accessLog(
  format: LogFormat,
  { withStacks = false, scheduler = asyncScheduler }: AccessLogOptions = {},
): OperatorFunction<LogEvent, LogLine> {
  return (source) =>
    source.pipe(
      map(lineOf),
      filter((line) => line !== undefined),
    );

  function lineOf(event: LogEvent): LogLine | undefined {
    const time = new Date(scheduler.now());
    switch (format) {
      case 'common':
        return commonLine(event, time, withStacks);
      case 'json':
        return jsonLine(event, time);
      case 'off':
        return undefined;
      default:
        return format satisfies never;
    }
  }
}
