/** Turns the header fields of a response into checked pairs, so that no value can split the response. RFC 9110 §5. */
import { ScgiUsageError } from '../errors/errors.js';
import type { ResponseHeaders } from '../events.js';
import { checkedPair } from '../headers/checked-pair.js';
import { quoted } from '../text/quoted.js';

/** What a field decides besides its own line. */
export type FieldKind = 'content-type' | 'content-length' | 'location' | 'sends-file';

/** A field that may go out. */
export interface Field {
  readonly name: string;
  readonly value: string;
  readonly kind: FieldKind | undefined;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

// Control characters, of which only the tab is allowed, and code points above ff: written as ISO-8859-1, U+010D becomes
// the byte 0d, which is CR.
const UNSAFE = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * Fields that are more than a line, by their names in lower case. Those that most responses have are there as they are usually
 * written, too: a copy in lower case takes a quarter of the time that a short head takes.
 */
const KINDS: ReadonlyMap<string, FieldKind | 'hop-by-hop' | 'status'> = new Map([
  ['status', 'status'],
  ['Content-Type', 'content-type'],
  ['content-type', 'content-type'],
  ['Content-Length', 'content-length'],
  ['content-length', 'content-length'],
  ['location', 'location'],
  // By these, an application asks the web server to send a file.
  ['x-sendfile', 'sends-file'],
  ['x-accel-redirect', 'sends-file'],
  ['x-lighttpd-send-file', 'sends-file'],
  // RFC 9110 §7.6.1 and RFC 3875 §6.3.4: these describe one connection, which the gateway manages.
  ['connection', 'hop-by-hop'],
  ['keep-alive', 'hop-by-hop'],
  ['proxy-authenticate', 'hop-by-hop'],
  ['proxy-authorization', 'hop-by-hop'],
  ['proxy-connection', 'hop-by-hop'],
  ['te', 'hop-by-hop'],
  ['trailer', 'hop-by-hop'],
  ['trailers', 'hop-by-hop'],
  ['transfer-encoding', 'hop-by-hop'],
  ['upgrade', 'hop-by-hop'],
]);

/** Whether text has a control character, or one that ISO-8859-1 does not have. */
export function isUnsafe(text: string): boolean {
  return UNSAFE.test(text);
}

/** Whether a field, by its name in lower case, describes one connection. RFC 9110 §7.6.1 */
export function isHopByHop(lowerName: string): boolean {
  return KINDS.get(lowerName) === 'hop-by-hop';
}

/**
 * Checks fields and keeps their order.
 *
 * @param dropHopByHop - leaves hop-by-hop fields, those that `Connection` names, and `Status` out instead of refusing them: a fetch
 * `Response` that is passed on has those of the connection that it came by.
 * @throws ScgiUsageError ERR_SCGI_HEADER_HOP_BY_HOP | ERR_SCGI_HEADER_INVALID
 */
export function checkedFields(headers: ResponseHeaders | undefined, dropHopByHop = false): Field[] {
  const fields: Field[] = [];
  if (headers === undefined) return fields;
  if (typeof headers !== 'object' || (headers as unknown) === null)
    throw invalid('`headers` must be an object or pairs');
  if (Symbol.iterator in headers) {
    for (const pair of headers as Iterable<readonly [string, unknown]>) {
      const [name, value] = checkedPair(pair);
      add(fields, name, value, dropHopByHop);
    }
  } else {
    for (const name of Object.keys(headers))
      add(fields, name, (headers as Record<string, unknown>)[name], dropHopByHop);
  }
  return dropHopByHop ? withoutNamed(fields, headers) : fields;
}

/** Leaves out what `Connection` names: it belongs to the connection, whatever it is. RFC 9110 §7.6.1 */
function withoutNamed(fields: Field[], headers: ResponseHeaders): Field[] {
  const pairs = Symbol.iterator in headers ? headers : Object.entries(headers);
  const named = new Set<string>();
  for (const [name, value] of pairs as Iterable<readonly [string, unknown]>) {
    if (name.toLowerCase() !== 'connection') continue;
    for (const each of String(value).split(',')) named.add(each.trim().toLowerCase());
  }
  return named.size === 0 ? fields : fields.filter(({ name }) => !named.has(name.toLowerCase()));
}

function add(fields: Field[], name: string, value: unknown, dropHopByHop: boolean): void {
  if (typeof name !== 'string' || !TOKEN.test(name))
    throw invalid(`${quoted(name)} is not a field name (RFC 9110 §5.1)`);
  const kind = KINDS.get(name) ?? KINDS.get(name.toLowerCase());
  if (kind === 'hop-by-hop') {
    if (dropHopByHop) return;
    throw new ScgiUsageError(
      'ERR_SCGI_HEADER_HOP_BY_HOP',
      `the response has the field ${name}, which describes a connection that the gateway manages; leave it out`,
    );
  }
  if (kind === 'status') {
    // In CGI, it would be the status itself; what a server elsewhere means by it, `status` says.
    if (dropHopByHop) return;
    throw invalid('set the status by `status`, not by a field');
  }
  if (Array.isArray(value)) {
    for (const one of value as readonly unknown[]) fields.push({ name, value: checkValue(name, one), kind });
  } else {
    fields.push({ name, value: checkValue(name, value), kind });
  }
}

function checkValue(name: string, value: unknown): string {
  if (typeof value !== 'string')
    throw invalid(`the value of ${name} is of type ${typeof value}, not a string`);
  if (isUnsafe(value))
    throw invalid(`the value of ${name} has a control character, or a character above U+00FF`);
  return value;
}

/** Makes an ERR_SCGI_HEADER_INVALID. */
export function invalid(message: string): ScgiUsageError {
  return new ScgiUsageError('ERR_SCGI_HEADER_INVALID', message);
}
