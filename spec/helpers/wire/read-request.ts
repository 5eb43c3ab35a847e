import type { ScgiProtocolError, ScgiLimitError } from '../../../lib/core/errors/errors.js';
import type { MetaVariables } from '../../../lib/core/headers/meta-variables.js';
import { verifyReaderOptions, type ReaderOptions } from '../../../lib/core/options.js';
import { RequestParser } from '../../../lib/core/request/request-parser.js';
import { cut } from './cuts.js';
import { factsOf } from '../faults/error-facts.js';
import { show } from './wire.js';

/** An event, and the chunk that brought it: the bytes after `from`, up to and including `to`. */
export interface LoggedEvent {
  readonly what: string;
  readonly from: number;
  readonly to: number;
}

/** What reading a request came to. */
export interface Reading {
  readonly events: readonly LoggedEvent[];
  readonly error: ScgiProtocolError | ScgiLimitError | undefined;
}

/**
 * Reads `input`, cut into chunks of `sizes`, and logs one line for each event:
 *
 *     headers 5 CONTENT_LENGTH=5 SCGI=1
 *     body hello
 *     end
 *     fault ERR_SCGI_PREMATURE_EOF status=400 offset=38
 *
 * Pieces of the body are joined, as they depend on the cut. After a fault the rest is pushed all the same.
 */
export function readRequest(
  input: Uint8Array,
  sizes: Iterable<number> = [],
  options: ReaderOptions = {},
): Reading {
  const events: LoggedEvent[] = [];
  let error: Reading['error'];
  let from = 0;
  let to = 0;
  const log = (what: string): void => {
    const last = events.at(-1);
    if (what.startsWith('body ') && last?.what.startsWith('body ')) {
      events[events.length - 1] = { what: last.what + what.slice('body '.length), from, to };
    } else {
      events.push({ what, from, to });
    }
  };
  const reader = new RequestParser(verifyReaderOptions(options), {
    requestHeaders: (variables, contentLength) => log(describeHeaders(variables, contentLength)),
    requestBody: (data) => log(`body ${show(data)}`),
    requestEnd: () => log('end'),
  });
  const attempt = (action: () => void): void => {
    try {
      action();
    } catch (thrown) {
      log(describeFault(thrown));
      error = thrown as Reading['error'];
    }
  };
  for (const chunk of cut(input, sizes)) {
    from = to;
    to += chunk.length;
    attempt(() => reader.push(chunk));
  }
  from = to - 1;
  attempt(() => reader.end());
  return { events, error };
}

/**
 * The log with the place of each event in front, as a number of bytes read: that of `expected`, if the event came
 * with the chunk that has it, and otherwise the range of the chunk with which it did come.
 */
export function placeEvents(events: readonly LoggedEvent[], expected: readonly string[]): string[] {
  return events.map(({ what, from, to }, index) => {
    const place = Number.parseInt(expected[index] ?? '', 10);
    return `${from < place && place <= to ? place : `${from + 1}..${to}`} ${what}`;
  });
}

/** The log's line for an error. */
export function describeFault(error: unknown): string {
  const { code, ...facts } = factsOf(error);
  const details = Object.entries(facts).map(([name, value]) => ` ${name}=${value}`);
  return `fault ${code}${details.join('')}`;
}

export function describeHeaders(variables: MetaVariables, contentLength?: number): string {
  const pairs = Array.from(variables, ([name, value]) => ` ${name}=${value}`);
  return `headers${contentLength === undefined ? '' : ` ${contentLength}`}${pairs.join('')}`;
}
