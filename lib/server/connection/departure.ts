/** Notices that a gateway has left before its response was out. */
import type { MetaVariables } from '../../core/headers/meta-variables.js';
import { IdleTimer, type Timekeeper } from '../../operators/exchange/idle-timer.js';
import type { WhenGatewayEnds } from '../server-options.js';
import type { Transport } from '../transport.js';

/** How often the system is asked about a gateway of which nothing can be read. */
const PROBE_MS = 750;

const NOTHING = new Uint8Array(0);

/** Gateways whose FIN means that they have closed: they never close one direction alone, unless told to. */
const NEVER_HALF_CLOSES = /^(?:nginx|openresty|apache|lighttpd|rxscgi)\b/i;

/**
 * Whether a FIN from this gateway means that it has left. nginx's own `scgi_params` do not have `SERVER_SOFTWARE`; its
 * `DOCUMENT_URI` tells it from others then.
 */
function neverHalfCloses(variables: MetaVariables): boolean {
  const software = variables.get('SERVER_SOFTWARE');
  return software ? NEVER_HALF_CLOSES.test(software) : variables.has('DOCUMENT_URI');
}

/**
 * Watches a gateway whose departure cannot be read: because its FIN has been received already, or because reading is paused.
 *
 * An empty write asks the system. On a Unix socket it fails once the gateway has closed; on TCP once a reset has arrived. The
 * transport is closed then.
 */
export class DepartureWatch {
  private timer: IdleTimer | undefined;

  constructor(
    private readonly transport: Transport,
    private readonly mode: WhenGatewayEnds,
    private readonly keeper: Timekeeper,
  ) {}

  /** @returns whether a FIN means that the gateway has left. @param head - of its request, as far as it is known. */
  isLeftAtFin(head: () => MetaVariables | undefined): boolean {
    if (this.mode !== 'detect') return this.mode === 'cancel';
    // On a Unix socket, an empty write finds out.
    if (!this.transport.canAbort) return false;
    const variables = head();
    return variables !== undefined && neverHalfCloses(variables);
  }

  /** Asks now and again. */
  start(): void {
    if (this.mode === 'continue') return;
    this.timer ??= new IdleTimer(this.keeper, PROBE_MS, () => {
      this.timer?.start();
      this.ask();
    });
    this.timer.start();
  }

  ask(): void {
    if (this.mode !== 'continue') this.transport.write(NOTHING);
  }

  stop(): void {
    this.timer?.stop();
  }
}
