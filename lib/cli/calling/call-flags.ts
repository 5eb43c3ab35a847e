/** The flags of `rxscgi request` and `rxscgi ping`, and the request that they make. */
import { verifyTimeout } from '../../core/options.js';
import {
  verifyCallInit,
  verifyTarget,
  type ScgiCallInit,
  type ScgiCallOptions,
} from '../../node/client/call-options.js';
import { decodePath } from '../../node/gateway/gateway-variables.js';
import { CommandError, misuse } from '../command-error.js';
import { flagNameOf, type Flag } from '../flags.js';
import { VERSION } from '../help.js';
import { limitOf, messageInFlags } from '../limit-flags.js';
import type { ParsedFlags } from '../parse-flags.js';

/** The options of `scgiRequest` that are numbers. */
type CallLimit = Exclude<keyof ScgiCallOptions, 'scheduler'>;

/** A flag that becomes an option of `scgiRequest`. */
export interface CallFlag extends Flag {
  readonly option: CallLimit;
}

export const FIELD_FLAGS: readonly Flag[] = [
  {
    name: 'header',
    short: 'H',
    value: 'NAME:VALUE',
    help: 'an HTTP header field; may be repeated. NAME: alone takes away a default',
  },
  {
    name: 'variable',
    short: 'V',
    value: 'NAME=VALUE',
    help: 'a meta-variable, in place of the default; may be repeated. NAME alone takes one away',
  },
  { name: 'mount', value: 'PATH', help: 'sent as SCRIPT_NAME; PATH_INFO is what follows it in the URI' },
];

export const DATA_FLAG: Flag = {
  name: 'data',
  short: 'd',
  value: 'DATA',
  mayBeEmpty: true,
  help: 'the body: text, @FILE, or @- for stdin; as it is, as with --data-binary of curl',
};

/** The value of `-d`. @throws CommandError when there are two. */
export function dataOf({ values }: ParsedFlags, hint: string): string | undefined {
  const [data, second] = values.get('data') ?? [];
  if (second !== undefined) throw misuse('there can be only one -d', hint);
  return data;
}

export const CALL_TIME_FLAGS: readonly CallFlag[] = [
  time('connectTimeoutMs', 'until the connection is made (default 10000)'),
  time('headersTimeoutMs', 'without progress until the head of the response is complete (default 60000)'),
  time('bodyTimeoutMs', 'between chunks of the body of the response (default 30000)'),
];

export const HEAD_FLAG: CallFlag = {
  name: 'max-response-head-bytes',
  option: 'maxResponseHeadBytes',
  value: 'BYTES',
  help: "size of the response's head (default 65536)",
};

function time(option: CallLimit, help: string): CallFlag {
  return { name: flagNameOf(option), option, value: 'MS', help };
}

export function timeoutFlag(help: string): Flag {
  return { name: 'timeout-ms', value: 'MS', help };
}

/** Returns the value of `--timeout-ms`. @throws CommandError */
export function timeoutOf({ values }: ParsedFlags, defaultMs: number, hint: string): number {
  const text = values.get('timeout-ms')?.at(-1);
  if (text === undefined) return defaultMs;
  try {
    return verifyTimeout('timeoutMs', limitOf('timeout-ms', text, hint), defaultMs);
  } catch (error) {
    throw error instanceof CommandError ? error : misuse(messageInFlags((error as Error).message), hint);
  }
}

/** What a command asks of the application. */
export interface CallTarget {
  readonly address: string;
  readonly method: string;
  readonly uri: string;
  /** Header fields that the command adds, unless `-H` gives or removes them. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
}

/**
 * Returns the request that the flags describe, verified, but for its body.
 *
 * @throws CommandError naming what is wrong.
 */
export function callInitOf(
  parsed: ParsedFlags,
  { address, method, uri, headers = [] }: CallTarget,
  flags: readonly CallFlag[],
  hint: string,
): ScgiCallInit {
  if (!TOKEN.test(method))
    throw misuse(`METHOD must be a word such as GET, not ${JSON.stringify(method)}`, hint);
  const fields = fieldsOf(parsed, new Map([...DEFAULT_FIELDS, ...headers]), hint);
  const target = targetOf(uri, hint);
  const init: ScgiCallInit = {
    method,
    uri: target,
    headers: fields,
    variables: variablesOf(parsed, target, fields, hint),
    ...limitsOf(parsed, flags, hint),
  };
  try {
    verifyTarget(address);
    verifyCallInit('scgiRequest', init);
  } catch (error) {
    throw misuse(messageInFlags((error as Error).message), hint);
  }
  return init;
}

const DEFAULT_FIELDS = [
  ['Host', 'localhost'],
  ['User-Agent', `rxscgi/${VERSION}`],
  ['Accept', '*/*'],
] as const;

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

type Pair = readonly [name: string, value: string];

/** Text of the command line as the bytes of its UTF-8, one character for each. */
function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function fieldsOf({ values }: ParsedFlags, defaults: ReadonlyMap<string, string>, hint: string): Pair[] {
  const given = (values.get('header') ?? []).map((text): Pair => {
    const [, name = '', value = ''] = /^([^:]*):(.*)$/s.exec(text) ?? [];
    if (!TOKEN.test(name)) throw misuse(`-H takes NAME:VALUE, not ${JSON.stringify(text)}`, hint);
    return [name, bytesOf(value.trim())];
  });
  const names = new Set(given.map(([name]) => name.toLowerCase()));
  const kept = [...defaults].filter(([name]) => !names.has(name.toLowerCase()));
  return [...kept, ...given.filter(([, value]) => value !== '')];
}

/** The request target as a client sends it: without a fragment, and percent-encoded where a URI cannot hold a character. */
function targetOf(uri: string, hint: string): string {
  const target = uri.replace(/#.*$/s, '').replace(/[^\x21-\x7e]/gu, encodeURIComponent);
  if (target.startsWith('/') || target === '*') return target;
  throw misuse(`URI must begin with a slash, not ${JSON.stringify(uri)}; -H Host:NAME names the host`, hint);
}

/** The variables that a web server sends on top of those that `scgiRequest` sends, and those of `-V`. */
function variablesOf(
  { values }: ParsedFlags,
  target: string,
  fields: readonly Pair[],
  hint: string,
): (readonly [name: string, value: string | undefined])[] {
  const given = (values.get('variable') ?? []).map((text) => {
    const [, name = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
    if (name === '') throw misuse(`-V takes NAME=VALUE, not ${JSON.stringify(text)}`, hint);
    return [bytesOf(name), value === undefined ? undefined : bytesOf(value)] as const;
  });
  const names = new Set(given.map(([name]) => name));
  const host = fields.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? 'localhost';
  const [, serverName = 'localhost', port = '80'] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(host) ?? [];
  const mount = values.get('mount')?.at(-1) ?? '';
  const defaults: Pair[] = [
    ['GATEWAY_INTERFACE', 'CGI/1.1'],
    ['SERVER_SOFTWARE', `rxscgi/${VERSION}`],
    ['SERVER_NAME', serverName],
    ['SERVER_PORT', port],
    ['REMOTE_ADDR', '127.0.0.1'],
    ['SCRIPT_NAME', mount],
    ['PATH_INFO', target === '*' ? '' : pathInfo(target.replace(/\?.*$/s, ''), mount, hint)],
  ];
  // Some applications lose count of empty values.
  return [...defaults.filter(([name, value]) => value !== '' && !names.has(name)), ...given];
}

function pathInfo(path: string, mount: string, hint: string): string {
  if (mount !== '' && !/^(\/[^/]+)+$/.test(mount))
    throw misuse(`--mount takes a path such as /RPC2, not ${JSON.stringify(mount)}`, hint);
  const decoded = decodePath(path);
  if (decoded === mount || decoded.startsWith(`${mount}/`)) return decoded.slice(mount.length);
  throw misuse(`URI must begin with the --mount ${JSON.stringify(mount)}`, hint);
}

function limitsOf({ values }: ParsedFlags, flags: readonly CallFlag[], hint: string): ScgiCallOptions {
  const limits: Partial<Record<CallLimit, number>> = {};
  for (const { name, option } of flags) {
    const value = values.get(name)?.at(-1);
    if (value !== undefined) limits[option] = limitOf(name, value, hint);
  }
  return limits;
}
