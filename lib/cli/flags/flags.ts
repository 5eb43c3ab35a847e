/** The options of the commands, as tables: for the parser, for `--help`, and for `serveScgi`. */
import type { ServeOptions } from '../../system/serving/serve-options.js';

/** An option of the command line. */
export interface Flag {
  /** Without the hyphens. */
  readonly name: string;
  readonly short?: string;
  /** The name of its value in `--help`; a switch has none. */
  readonly value?: string;
  /** The name of a value that may be left out, and comes after `=`. */
  readonly optionalValue?: string;
  /** Whether its value may be empty. */
  readonly mayBeEmpty?: true;
  readonly help: string;
}

/** A flag that becomes an option of `serveScgi`: `--max-body-bytes` for `maxBodyBytes`. */
export interface ServeFlag extends Flag {
  readonly option: keyof ServeOptions;
  /** The value that a switch sets. */
  readonly sets?: boolean;
}

export const HELP_FLAG: Flag = { name: 'help', short: 'h', help: 'this text' };

const LOG: Flag = {
  name: 'log',
  value: 'FORMAT',
  help: 'common, json or off (default common)',
};

export const LISTEN_FLAGS: readonly Flag[] = [
  {
    name: 'listen',
    value: 'ADDRESS',
    help: 'where to listen; may be repeated: all addresses are bound, or none',
  },
  {
    name: 'socket-mode',
    value: 'MODE',
    help: "permissions of Unix sockets' files, octal (default 600; 660 with --socket-group)",
  },
  {
    name: 'socket-owner',
    value: 'USER',
    help: 'owner of these files, a name or a number; needs superuser rights',
  },
  { name: 'socket-group', value: 'GROUP', help: 'group of these files, a name or a number: www-data' },
];

export const WORKER_FLAGS: readonly Flag[] = [
  {
    name: 'workers',
    value: 'NUMBER',
    help: 'processes that share the addresses (auto: one per core); limits apply to each',
  },
  {
    name: 'reload',
    help: 'replace the workers (one, without --workers) when code of MODULE changes; requests may then take 2 s',
  },
];

export const HTTP_FLAGS: readonly Flag[] = [
  { name: 'port', value: 'PORT', help: 'TCP port; 0: any free port (default 8080)' },
  { name: 'http', value: 'PORT', help: 'the same as --port' },
  {
    name: 'host',
    value: 'HOST',
    help: 'address or name to listen on; 0.0.0.0: for other machines (default 127.0.0.1)',
  },
  {
    name: 'allowed-host',
    value: 'HOST',
    help: 'name that requests may be sent to, beside localhost, IP addresses and --host; may be repeated',
  },
  { name: 'open', help: 'open the page in a browser' },
  {
    name: 'inspect',
    optionalValue: 'PORT',
    help: 'show what goes on as marble diagrams, on a port of its own (default 8081; 0: any free port)',
  },
  { name: 'no-watch', help: 'do not restart when code changes; exit when the application fails' },
];

export const COMMON_FLAGS: readonly Flag[] = [LOG, HELP_FLAG];

export const LIMIT_FLAGS: readonly ServeFlag[] = [
  limit('maxConnections', 'NUMBER', 'connections handled at once (default 1000)'),
  limit('maxWaiting', 'NUMBER', 'further connections that wait; beyond: 503 (default 1000)'),
  limit('maxHeaderBytes', 'BYTES', "size of a request's headers; beyond: 431 (default 65536)"),
  limit('maxHeaders', 'NUMBER', 'headers of a request; beyond: 431 (default 1000)'),
  limit('maxBodyBytes', 'BYTES', "size of a request's body; beyond: 413 (default none)"),
  limit(
    'bodyHighWaterMark',
    'BYTES',
    'body held for a busy handler; beyond, the gateway waits (default 65536)',
  ),
  limit('maxQueuedBytes', 'BYTES', 'response that waits for the gateway (default 16777216)'),
  limit('lingerBytes', 'BYTES', 'input beyond the request, dropped after the response (default 67108864)'),
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
  'for the requests under way at SIGINT or SIGTERM; then they are cut (default 30000)',
);

/** During development, nobody wants to wait for their own event streams. */
export const DEV_DRAIN_TIMEOUT_MS = 2000;

export const DEV_DRAIN_FLAG: ServeFlag = {
  ...DRAIN_FLAG,
  help: `for the requests under way at SIGINT or SIGTERM; then they are cut (default ${DEV_DRAIN_TIMEOUT_MS})`,
};

export const PROTOCOL_FLAGS: readonly ServeFlag[] = [
  { name: 'mount', option: 'mount', value: 'PATH', help: 'prefix that is removed from request.path: /app' },
  {
    name: 'request-target',
    option: 'requestTarget',
    value: 'WHICH',
    help: 'what request.path shows: original (default), or routed by rewrites',
  },
  {
    name: 'trust-proxy',
    option: 'trustProxy',
    value: 'PROXIES',
    help: 'proxies before the web server: a number, or addresses and ranges, as 10.0.0.0/8,::1 (default none)',
  },
  {
    name: 'when-gateway-ends',
    option: 'whenGatewayEnds',
    value: 'WHAT',
    help: 'at FIN before the response: detect (default), continue or cancel',
  },
  { name: 'strict', option: 'strict', sets: true, help: 'require CONTENT_LENGTH to be the first header' },
  {
    name: 'lenient-content-length',
    option: 'lenientContentLength',
    sets: true,
    help: 'accept whole uploads from nginx before 1.29.6 with scgi_request_buffering off',
  },
  {
    name: 'no-lenient-duplicates',
    option: 'lenientDuplicates',
    sets: false,
    help: 'refuse repeated headers, which nginx before 1.23 and lighttpd send',
  },
];

/** Returns the name of an option's flag: `max-body-bytes` for `maxBodyBytes`. */
export function flagNameOf(option: string): string {
  return option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function limit(option: keyof ServeOptions, value: 'NUMBER' | 'BYTES' | 'MS', help: string): ServeFlag {
  return { name: flagNameOf(option), option, value, help };
}
