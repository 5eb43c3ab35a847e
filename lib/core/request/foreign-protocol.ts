/** Recognises clients that speak another protocol by their first byte, so that the answer does not wait for more. */
import type { ForeignProtocol } from '../errors.js';

const TLS_HANDSHAKE = 0x16;
const UPPER_A = 0x41;
const UPPER_Z = 0x5a;

/** All HTTP methods begin with a capital letter, SCGI with a digit, TLS with 16 hex, and uwsgi with 00. */
export function foreignProtocolOf(firstByte: number): ForeignProtocol | undefined {
  if (firstByte >= UPPER_A && firstByte <= UPPER_Z) return 'http';
  if (firstByte === TLS_HANDSHAKE) return 'tls';
  if (firstByte === 0) return 'uwsgi';
  return undefined;
}

/** Advice for the person who configured the port. */
export const FOREIGN_PROTOCOL_ADVICE: Record<ForeignProtocol, string> = {
  http: 'this looks like an HTTP request: the port speaks SCGI, so use scgi_pass (nginx), not proxy_pass or a browser',
  tls: 'this looks like a TLS handshake: SCGI is not encrypted, so let the web server end TLS',
  uwsgi: 'this looks like the uwsgi protocol: use scgi_pass (nginx), not uwsgi_pass',
};
