/** Makes the request of `rxscgi request` and `rxscgi ping`. */
import { verifyCallInit, verifyTarget, type ScgiCallInit } from '../../node/client/call-options.js';
import { decodePath } from '../../node/gateway/gateway-variables.js';
import { TOKEN } from '../../operators/outgoing/request-variables.js';
import { misuse } from '../command-error.js';
import { VERSION } from '../help.js';
import { messageInFlags } from '../flags/limit-flags.js';
import type { ParsedFlags } from '../flags/parse-flags.js';
import { limitsOf, type CallFlag } from './call-flags.js';

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
