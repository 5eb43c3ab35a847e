/** The options of the commands, as tables: what is parsed, what `--help` says, and what `serveScgi` gets. */
import type { ServeOptions } from '../node/serve-options.js';

/** An option of the command line. */
export interface Flag {
  /** Without the hyphens. */
  readonly name: string;
  readonly short?: string;
  /** What its value is called in `--help`; a switch has none. */
  readonly value?: string;
  readonly help: string;
}

/** A flag that becomes an option of `serveScgi`: `--max-body-bytes` for `maxBodyBytes`. */
export interface ServeFlag extends Flag {
  readonly option: keyof ServeOptions;
  /** A switch sets its option to this. */
  readonly sets?: boolean;
}

const HELP: Flag = { name: 'help', short: 'h', help: 'this text' };

const LOG: Flag = {
  name: 'log',
  value: 'FORMAT',
  help: 'common, json or off (default common)',
};

export const LISTEN_FLAGS: readonly Flag[] = [
  {
    name: 'listen',
    value: 'ADDRESS',
    help: 'where to listen; may be given more than once: all are bound, or none',
  },
  {
    name: 'socket-mode',
    value: 'MODE',
    help: "permissions of Unix sockets' files, octal (default 600; 660 with --socket-group)",
  },
  {
    name: 'socket-owner',
    value: 'USER',
    help: 'owner of these files, a name or a number; takes superuser rights',
  },
  { name: 'socket-group', value: 'GROUP', help: 'group of these files, a name or a number: www-data, say' },
];

export const WORKER_FLAGS: readonly Flag[] = [
  {
    name: 'workers',
    value: 'NUMBER',
    help: 'processes that share the addresses (auto: one per core); limits are for each',
  },
];

export const HTTP_FLAGS: readonly Flag[] = [
  { name: 'http', value: 'PORT', help: 'TCP port of 127.0.0.1; 0 for any that is free (default 8080)' },
];

export const COMMON_FLAGS: readonly Flag[] = [LOG, HELP];

export const LIMIT_FLAGS: readonly ServeFlag[] = [
  limit('maxConnections', 'NUMBER', 'connections handled at once (default 1000)'),
  limit('maxWaiting', 'NUMBER', 'more that wait; beyond: 503 (default 1000)'),
  limit('maxHeaderBytes', 'BYTES', "of a request's headers; beyond: 431 (default 65536)"),
  limit('maxHeaders', 'NUMBER', 'of headers in a request; beyond: 431 (default 1000)'),
  limit('maxBodyBytes', 'BYTES', "of a request's body; beyond: 413 (default none)"),
  limit(
    'bodyHighWaterMark',
    'BYTES',
    'of a body held for a busy handler; then the gateway waits (default 65536)',
  ),
  limit('maxQueuedBytes', 'BYTES', 'of a response that wait for the gateway (default 16777216)'),
  limit('lingerBytes', 'BYTES', 'of input beyond the request, dropped after the response (default 67108864)'),
];

export const TIME_FLAGS: readonly ServeFlag[] = [
  limit('headersTimeoutMs', 'MS', 'until the headers are complete; then: 408 (default 60000)'),
  limit('bodyTimeoutMs', 'MS', 'between chunks of the body; then: 408 (default 30000)'),
  limit('bodyTotalTimeoutMs', 'MS', 'for the whole body; then: 408 (default none)'),
  limit('handlerTimeoutMs', 'MS', 'until the handler answers; then: 503 (default none)'),
  limit('sendTimeoutMs', 'MS', 'without progress of a response; then it is cut (default 60000)'),
  limit('lingerMs', 'MS', 'without input after the response; then the connection is closed (default 2000)'),
];

export const DRAIN_FLAG: ServeFlag = limit(
  'drainTimeoutMs',
  'MS',
  'for what is under way at SIGINT or SIGTERM; then it is cut (default 30000)',
);

/** Who tries things out does not want to wait for their own event streams. */
export const DEV_DRAIN_TIMEOUT_MS = 2000;

export const DEV_DRAIN_FLAG: ServeFlag = {
  ...DRAIN_FLAG,
  help: `for what is under way at SIGINT or SIGTERM; then it is cut (default ${DEV_DRAIN_TIMEOUT_MS})`,
};

export const PROTOCOL_FLAGS: readonly ServeFlag[] = [
  { name: 'mount', option: 'mount', value: 'PATH', help: 'a prefix that request.path leaves out: /app' },
  {
    name: 'request-target',
    option: 'requestTarget',
    value: 'WHICH',
    help: 'what request.path shows: original (default), or routed by rewrites',
  },
  {
    name: 'when-gateway-ends',
    option: 'whenGatewayEnds',
    value: 'WHAT',
    help: 'when it sends FIN before its response: detect (default), continue or cancel',
  },
  { name: 'strict', option: 'strict', sets: true, help: 'insist that CONTENT_LENGTH is the first header' },
  {
    name: 'lenient-content-length',
    option: 'lenientContentLength',
    sets: true,
    help: 'take whole uploads from nginx before 1.29.6 with scgi_request_buffering off',
  },
  {
    name: 'no-lenient-duplicates',
    option: 'lenientDuplicates',
    sets: false,
    help: 'refuse repeated headers, as nginx before 1.23 and lighttpd send them',
  },
];

/** How a flag is written: `--max-body-bytes` for `maxBodyBytes`. */
export function flagNameOf(option: string): string {
  return option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function limit(option: keyof ServeOptions, value: 'NUMBER' | 'BYTES' | 'MS', help: string): ServeFlag {
  return { name: flagNameOf(option), option, value, help };
}
