/** Parses and formats addresses: TCP, Unix sockets, inherited descriptors. */
import { quoted } from '../core/text/quoted.js';

/** An address to listen on or to connect to. */
export type Address =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'abstract'; readonly name: string }
  | { readonly kind: 'fd'; readonly fd: number }
  | { readonly kind: 'systemd'; readonly name: string | undefined };

const HOST_AND_PORT = /^(?:\[([0-9a-fA-F:.]+(?:%[^\]]+)?)\]|([^:/[\]@\s]+)):([0-9]{1,5})$/;
const MAX_ABSTRACT_BYTES = 107;
const TARGETS = '127.0.0.1:4000, [::1]:4000, localhost:4000, unix:/run/app.sock, unix:@name';
const EXAMPLES = `addresses are ${TARGETS}, fd:3, systemd`;

/**
 * Parses an address: `127.0.0.1:4000`, `[::1]:4000`, `localhost:4000`, `unix:/run/app.sock`,
 * `unix:@abstract`, `fd:3`, `systemd`, `systemd:NAME`, `scgi://host:port`, `scgi:///path`. Port 0 lets the system choose.
 *
 * @param examples - ends the message for anything else.
 * @throws TypeError for anything else, and for the name of an abstract socket that is too long.
 */
export function parseAddress(text: string, examples = EXAMPLES): Address {
  if (text === 'systemd') return { kind: 'systemd', name: undefined };
  if (text.startsWith('systemd:') && text.length > 8) return { kind: 'systemd', name: text.slice(8) };
  if (text.startsWith('unix:@') && text.length > 6) return { kind: 'abstract', name: abstractName(text) };
  if (text.startsWith('unix:') && text.length > 5 && text !== 'unix:@') {
    return { kind: 'unix', path: text.slice(5) };
  }
  if (text.startsWith('scgi:///') && text.length > 8) return { kind: 'unix', path: text.slice(7) };
  if (/^fd:[0-9]{1,6}$/.test(text)) return { kind: 'fd', fd: Number(text.slice(3)) };
  const match = HOST_AND_PORT.exec(text.startsWith('scgi://') ? text.slice(7).replace(/\/$/, '') : text);
  const port = Number(match?.[3]);
  if (match && port <= 65_535) return { kind: 'tcp', host: (match[1] ?? match[2]) as string, port };
  throw new TypeError(`${quoted(text)} is not an address; ${examples}`);
}

/** Node.js 20 cuts a name that is too long, in silence: it would be another program's address. */
function abstractName(text: string): string {
  const name = text.slice(6);
  const { length } = new TextEncoder().encode(name);
  if (length <= MAX_ABSTRACT_BYTES) return name;
  const most = `the name of an abstract socket has ${MAX_ABSTRACT_BYTES} bytes at most`;
  throw new TypeError(`${quoted(text)} is not an address: ${most}, and this one ${length}`);
}

/** Formats an address in the form that {@link parseAddress} takes. */
export function formatAddress(address: Address): string {
  switch (address.kind) {
    case 'tcp':
      return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
    case 'unix':
      return `unix:${address.path}`;
    case 'abstract':
      return `unix:@${address.name}`;
    case 'fd':
      return `fd:${address.fd}`;
    case 'systemd':
      return address.name === undefined ? 'systemd' : `systemd:${address.name}`;
    default:
      return address satisfies never;
  }
}

/** Where to connect to, as `net.connect` takes it. */
export type ConnectTarget = { host: string; port: number } | { path: string };

/** Parses the address of an application. @throws TypeError for anything else, and for descriptors: they can only be listened on. */
export function parseTarget(text: string): ConnectTarget {
  const address = parseAddress(text, `an application has an address such as ${TARGETS}`);
  switch (address.kind) {
    case 'tcp':
      return { host: address.host, port: address.port };
    case 'unix':
      return { path: address.path };
    case 'abstract':
      return { path: `\0${address.name}` };
    case 'fd':
    case 'systemd':
      throw new TypeError(`${formatAddress(address)} can be listened on, not connected to`);
    default:
      return address satisfies never;
  }
}
