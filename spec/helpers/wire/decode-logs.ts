import { tap, type Observable } from 'rxjs';
import type { ReaderOptions } from '../../../lib/core/options.js';
import { decodeScgiEvents } from '../../../lib/operators/decode-scgi-events.js';
import { decodeScgi } from '../../../lib/operators/decode-scgi.js';
import type { ScgiRequest } from '../../../lib/operators/types.js';
import { errorFacts } from '../virtual-time/marbles.js';
import { show } from './wire.js';

/** What came out: the request, its body joined, and each end: `|`, or the facts of an error. */
export interface DecodeLog {
  head?: string;
  body: string;
  /** That of `request.body`; `decodeScgiEvents` has none. */
  bodyEnd?: unknown;
  end?: unknown;
}

/** What `decodeScgi` makes of chunks that come at once, by a subscriber that takes the body. */
export function logDecodeScgi(source: Observable<Uint8Array>, options?: ReaderOptions): DecodeLog {
  const log: DecodeLog = { body: '' };
  const takeBody = ({ body, variables }: ScgiRequest): void => {
    log.head = headLine(variables);
    body.subscribe({
      next: (data) => (log.body += show(data)),
      error: (error: unknown) => (log.bodyEnd = errorFacts(error)),
      complete: () => (log.bodyEnd = '|'),
    });
  };
  source.pipe(decodeScgi(options), tap(takeBody)).subscribe({
    error: (error: unknown) => (log.end = errorFacts(error)),
    complete: () => (log.end = '|'),
  });
  return log;
}

/** What `decodeScgiEvents` makes of the same. */
export function logDecodeScgiEvents(source: Observable<Uint8Array>, options?: ReaderOptions): DecodeLog {
  const log: DecodeLog = { body: '' };
  source.pipe(decodeScgiEvents(options)).subscribe({
    next: (event) => {
      switch (event.type) {
        case 'request-headers':
          log.head = headLine(event.variables);
          return;
        case 'request-body':
          log.body += show(event.data);
          return;
        case 'request-end':
          log.end = 'end';
      }
    },
    error: (error: unknown) => (log.end = errorFacts(error)),
    complete: () => (log.end = log.end === 'end' ? '|' : 'completed without an end'),
  });
  return log;
}

function headLine(variables: Iterable<[string, string]>): string {
  return Array.from(variables, ([name, value]) => `${name}=${value}`).join(' ');
}
