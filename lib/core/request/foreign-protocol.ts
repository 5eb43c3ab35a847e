/** Tells who is knocking at the wrong port, by the first byte alone, so that the answer never waits for more. */
import type { ForeignProtocol } from '../errors.js';

const TLS_HANDSHAKE = 0x16;
const UPPER_A = 0x41;
const UPPER_Z = 0x5a;

/** Every HTTP method in use begins with a capital; SCGI with a digit, TLS with 16 hex, uwsgi with 00. */
export function foreignProtocolOf(firstByte: number): ForeignProtocol | undefined {
  if (firstByte >= UPPER_A && firstByte <= UPPER_Z) return 'http';
  if (firstByte === TLS_HANDSHAKE) return 'tls';
  if (firstByte === 0) return 'uwsgi';
  return undefined;
}

/** What to tell the operator of the port, in a sentence. */
export const FOREIGN_PROTOCOL_ADVICE: Record<ForeignProtocol, string> = {
  http: 'this looks like an HTTP request: the port speaks SCGI, so use scgi_pass (nginx), not proxy_pass or a browser',
  tls: 'this looks like a TLS handshake: SCGI is not encrypted, so let the web server end TLS',
  uwsgi: 'this looks like the uwsgi protocol: use scgi_pass (nginx), not uwsgi_pass',
};
