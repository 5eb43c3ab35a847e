/** Errors of the library name its options; the command has flags. */
import { map, type MonoTypeOperatorFunction } from 'rxjs';
import type { ScgiErrorCode } from '../../core/errors/codes.js';
import { readProperty } from '../../core/errors/error-facts.js';
import { isScgiError } from '../../core/errors/errors.js';
import { flagNameOf } from '../flags/flags.js';
import type { LogEvent } from './request-facts.js';

/** Options whose flag is not what {@link flagNameOf} makes of them. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  allowedHosts: '--allowed-host',
  lenientDuplicates: 'serving without --no-lenient-duplicates',
};

/**
 * The options that the errors of a server name. A handler's own calls have options of the same names, which no flag sets; their errors
 * have other codes.
 */
const FLAGGED: Readonly<Partial<Record<ScgiErrorCode, readonly string[]>>> = {
  ERR_SCGI_HEADER_DUPLICATE: ['lenientDuplicates'],
  ERR_SCGI_CONTENT_LENGTH_MISMATCH: ['lenientContentLength'],
  ERR_SCGI_CONTENT_LENGTH_POSITION: ['strict'],
  ERR_SCGI_HEADERS_TOO_LARGE: ['maxHeaderBytes'],
  ERR_SCGI_TOO_MANY_HEADERS: ['maxHeaders'],
  ERR_SCGI_BODY_TOO_LARGE: ['maxBodyBytes'],
  ERR_SCGI_RESPONSE_OVERFLOW: ['maxQueuedBytes'],
  ERR_SCGI_HEADERS_TIMEOUT: ['headersTimeoutMs'],
  ERR_SCGI_BODY_TIMEOUT: ['bodyTimeoutMs'],
  ERR_SCGI_BODY_TOTAL_TIMEOUT: ['bodyTotalTimeoutMs'],
  ERR_SCGI_HANDLER_TIMEOUT: ['handlerTimeoutMs'],
  ERR_SCGI_SEND_TIMEOUT: ['sendTimeoutMs'],
  ERR_SCGI_TOO_MANY_CONNECTIONS: ['maxConnections', 'maxWaiting'],
  ERR_SCGI_DRAIN_TIMEOUT: ['drainTimeoutMs'],
};

const SERVER_OPTIONS: ReadonlyMap<unknown, readonly string[]> = new Map(Object.entries(FLAGGED));

/** What a log reads of an error. */
const FIELDS = ['code', 'message', 'status', 'cause'] as const;

/** Replaces these options by their flags. `strict: true` is `--strict`. */
export function textInFlags(text: string, options: readonly string[]): string {
  if (options.length === 0) return text;
  const option = new RegExp(`\\b(${options.join('|')})\\b(?:: true)?`, 'g');
  return text.replace(option, (_text, name: string) => OTHER_NAMES[name] ?? `--${flagNameOf(name)}`);
}

/**
 * Names flags in the failures of a log.
 *
 * @param options - the options that have a flag in this command. Default: those of a server.
 */
export function failuresInFlags(options?: readonly string[]): MonoTypeOperatorFunction<LogEvent> {
  return map((event) => {
    if (event.type !== 'failure' || !isScgiError(event.error)) return event;
    const { error } = event;
    // Anything can be thrown, also what only claims to be an error of the library.
    const [code, message, status, cause] = FIELDS.map((field) => readProperty(error, field));
    if (typeof message !== 'string') return event;
    const text = textInFlags(message, options ?? SERVER_OPTIONS.get(code) ?? []);
    return text === message ? event : { ...event, error: { code, message: text, status, cause } };
  });
}
