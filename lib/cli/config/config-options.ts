/** The options of `rxscgi config`. */
import { formatAddress, type Address } from '../../server/address.js';
import { misuse } from '../command-error.js';
import { HELP_FLAG, type Flag } from '../flags/flags.js';
import type { ParsedFlags } from '../flags/parse-flags.js';
import {
  HINT,
  absolutePath,
  account,
  applicationAddress,
  byteLimit,
  hostName,
  httpAddress,
  modulePath,
  mountPath,
  unitName,
  type HttpAddress,
} from './config-values.js';

/** Verified. */
export interface ConfigOptions {
  readonly listen: Address;
  readonly mount: string | undefined;
  /** Bytes of an upload, or Infinity; `undefined` when it was not given. */
  readonly maxBodyBytes: number | undefined;
  readonly stream: boolean;
  /** The group of the web server. */
  readonly group: string;
}

/** Options of web servers. */
export interface SiteOptions extends ConfigOptions {
  readonly http: HttpAddress | undefined;
  readonly serverNames: readonly string[];
}

/** Options of systemd's units. */
export interface UnitOptions extends ConfigOptions {
  readonly unit: 'service' | 'socket';
  readonly name: string;
  readonly module: string | undefined;
  /** The path of `rxscgi`. */
  readonly command: string | undefined;
  readonly user: string | undefined;
}

export const CONFIG_FLAGS: readonly Flag[] = [
  { name: 'listen', value: 'ADDRESS', help: 'where the application listens, as for rxscgi serve' },
  { name: 'mount', value: 'PATH', help: 'the application has only the paths below this one: /app' },
  {
    name: 'max-body-bytes',
    value: 'BYTES',
    help: 'size of an upload, or none (default 67108864 in web servers)',
  },
  { name: 'stream', help: 'pass uploads and responses on as they come, for progress and event streams' },
  { name: 'group', value: 'GROUP', help: 'group of the web server, which may connect (default www-data)' },
  HELP_FLAG,
];

export const SITE_FLAGS: readonly Flag[] = [
  {
    name: 'http',
    value: 'ADDRESS',
    help: 'where the web server listens: 8080, 127.0.0.1:8080 (default port 80)',
  },
  { name: 'server-name', value: 'NAME', help: 'host that is answered; may be repeated (default all)' },
];

export const UNIT_FLAGS: readonly Flag[] = [
  { name: 'module', value: 'PATH', help: 'the MODULE of rxscgi serve, an absolute path' },
  {
    name: 'unit',
    value: 'WHICH',
    help: 'service (default), or socket: the unit that listens for --listen systemd',
  },
  { name: 'name', value: 'NAME', help: 'name of the unit (default app)' },
  { name: 'user', value: 'USER', help: 'user that the service runs as (default one that systemd makes)' },
  {
    name: 'command',
    value: 'PATH',
    help: 'rxscgi (default node_modules/.bin/rxscgi in the folder of MODULE)',
  },
];

/** The size of an upload that a web server lets through by default, in bytes. */
export const DEFAULT_MAX_BODY_BYTES = 64 * 1024 * 1024;

/** @throws CommandError */
export function siteOptionsOf(parsed: ParsedFlags): SiteOptions {
  refuse(parsed, UNIT_FLAGS, 'systemd');
  const options = commonOptionsOf(parsed);
  if (options.listen.kind !== 'tcp' && options.listen.kind !== 'unix') {
    throw misuse(
      `a web server cannot connect to ${formatAddress(options.listen)}: use a port or a Unix socket`,
      HINT,
    );
  }
  const { values } = parsed;
  const http = values.get('http')?.at(-1);
  return {
    ...options,
    http: http === undefined ? undefined : httpAddress(http),
    serverNames: (values.get('server-name') ?? []).map(hostName),
  };
}

/** @throws CommandError */
export function unitOptionsOf(parsed: ParsedFlags): UnitOptions {
  refuse(parsed, SITE_FLAGS, 'web servers');
  const last = (name: string): string | undefined => parsed.values.get(name)?.at(-1);
  const unit = last('unit') ?? 'service';
  if (unit !== 'service' && unit !== 'socket')
    throw misuse(`--unit takes service or socket, not ${JSON.stringify(unit)}`, HINT);
  const [module, command, user] = [last('module'), last('command'), last('user')];
  if (unit === 'service' && module === undefined) throw misuse('no --module: what the service runs', HINT);
  return {
    ...commonOptionsOf(parsed),
    unit,
    name: unitName(last('name') ?? 'app'),
    module: module === undefined ? undefined : modulePath(module),
    command: command === undefined ? undefined : absolutePath('command', command),
    user: user === undefined ? undefined : account('user', user),
  };
}

function commonOptionsOf({ values }: ParsedFlags): ConfigOptions {
  const last = (name: string): string | undefined => values.get(name)?.at(-1);
  const [listen, second] = values.get('listen') ?? [];
  if (listen === undefined) throw misuse('no address: --listen 127.0.0.1:4000, for example', HINT);
  if (second !== undefined) throw misuse('there can be only one --listen here', HINT);
  const [mount, bytes] = [last('mount'), last('max-body-bytes')];
  return {
    listen: applicationAddress(listen),
    mount: mount === undefined ? undefined : mountPath(mount),
    maxBodyBytes: bytes === undefined ? undefined : byteLimit('max-body-bytes', bytes),
    stream: values.has('stream'),
    group: account('group', last('group') ?? 'www-data'),
  };
}

function refuse({ values }: ParsedFlags, flags: readonly Flag[], owner: string): void {
  const wrong = flags.find(({ name }) => values.has(name));
  if (wrong) throw misuse(`--${wrong.name} is for ${owner} only`, HINT);
}

/** nginx before 1.29.6 announces a wrong length when it passes uploads on as they come. */
export const UNBUFFERED_NGINX_FLAG = '--lenient-content-length';

/** The options of `rxscgi serve` that go with a configuration. */
export function serveFlagsOf({ mount, maxBodyBytes }: ConfigOptions): string[] {
  return [
    ...(mount === undefined ? [] : ['--mount', mount]),
    ...(maxBodyBytes === undefined
      ? []
      : ['--max-body-bytes', String(maxBodyBytes).replace('Infinity', 'none')]),
  ];
}

/** The comment that says how the application is started. */
export function startComment(options: ConfigOptions, ...more: readonly string[]): string {
  const { listen, group } = options;
  const access = listen.kind === 'unix' ? ['--socket-group', group] : [];
  const flags = ['--listen', formatAddress(listen), ...access, ...serveFlagsOf(options), ...more];
  return `# For: rxscgi serve MODULE ${flags.join(' ')}`;
}

/** Where a web server on the same machine connects to: an application that listens on all addresses has its own, too. */
export function connectAddress(address: Address): Address {
  if (address.kind !== 'tcp') return address;
  if (address.host === '0.0.0.0') return { ...address, host: '127.0.0.1' };
  return address.host === '::' ? { ...address, host: '::1' } : address;
}

/** Makes a regular expression of literal text; the characters are those that values may have. */
export function literal(text: string): string {
  return text.replace(/[.+*]/g, '\\$&');
}
