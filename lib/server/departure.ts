/** Notices that a gateway has left before its response was out. */
import type { MetaVariables } from '../core/meta-variables.js';
import { IdleTimer, type Timekeeper } from '../operators/exchange/idle-timer.js';
import type { Transport } from './transport.js';

/** How often the system is asked about a gateway of which nothing can be read. */
const PROBE_MS = 750;

const NOTHING = new Uint8Array(0);

/** Web servers whose FIN means that they have closed: they never close one direction alone, unless told to. */
const NEVER_HALF_CLOSES = /^(?:nginx|openresty|apache|lighttpd)\b/i;

/**
 * Whether a FIN from this gateway means that it has left. nginx's own `scgi_params` do not have `SERVER_SOFTWARE`; its
 * `DOCUMENT_URI` tells it from others then.
 */
export function neverHalfCloses(variables: MetaVariables): boolean {
  const software = variables.get('SERVER_SOFTWARE');
  return software ? NEVER_HALF_CLOSES.test(software) : variables.has('DOCUMENT_URI');
}

/**
 * Asks the system again and again whether the gateway is still there, while its FIN or its absence cannot be read. On a Unix
 * socket an empty write fails once the gateway has closed; on TCP it fails once a reset has arrived.
 */
export class DepartureProbe {
  private readonly timer: IdleTimer;

  constructor(transport: Transport, keeper: Timekeeper) {
    this.timer = new IdleTimer(keeper, PROBE_MS, () => {
      this.timer.start();
      transport.write(NOTHING);
    });
  }

  start(): void {
    this.timer.start();
  }

  stop(): void {
    this.timer.stop();
  }
}
