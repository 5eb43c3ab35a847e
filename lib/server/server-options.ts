/** The options of a server over any transport: their units, their defaults, and the one place that verifies them. */
import { isObservable, type Observable, type Observer } from 'rxjs';
import { verifyLimit, verifySwitch, verifyTimeout, type OptionNames } from '../core/options.js';
import { quoted } from '../core/text/quoted.js';
import {
  HANDLE_OPTIONS,
  verifyHandleOptions,
  type HandleOptions,
  type HandleSettings,
} from '../operators/engine-options.js';
import type { InspectEvent } from './inspect/inspect-event.js';
import { WRITE_OPTIONS, verifyWriteOptions, type WriteOptions, type WriteSettings } from './write-options.js';

/** Options of `serveScgi` on every runtime. `lenientDuplicates` is on by default, so that Debian's nginx and lighttpd work. */
export interface ServerOptions extends Omit<HandleOptions, 'flow'>, WriteOptions {
  /** When it emits, the server drains: it accepts no more connections, finishes those under way, and completes. Default never. */
  readonly until?: Observable<unknown> | undefined;
  /** Most connections that are handled at once. Default 1 000. */
  readonly maxConnections?: number | undefined;
  /** Most connections that wait for one of those to end; more are answered with 503. Default 1 000. */
  readonly maxWaiting?: number | undefined;
  /** Milliseconds that exchanges under way have after `until`; then they are cut. Default 30 000. */
  readonly drainTimeoutMs?: number | undefined;
  /** What the gateway's FIN after a complete request means; see docs/reference/options.md. Default `'detect'`. */
  readonly whenGatewayEnds?: WhenGatewayEnds | undefined;
  /**
   * Called with everything that happens on a connection, chunk by chunk; see {@link InspectEvent}. For development. Default none, which
   * costs nothing.
   */
  readonly inspect?: InspectObserver | undefined;
}

/** An observer of {@link InspectEvent}s. */
export type InspectObserver = Pick<Partial<Observer<InspectEvent>>, 'next'> | ((event: InspectEvent) => void);

/**
 * What a server takes the gateway's FIN for while a response is under way: `'cancel'`, that the gateway has left, so that the
 * handler is unsubscribed; `'continue'`, that it still waits for the response; `'detect'`, whichever the system and the request
 * tell: on a Unix socket whether it has closed, on TCP whether it is a web server that never half-closes.
 */
export type WhenGatewayEnds = 'detect' | 'continue' | 'cancel';

const WHEN_GATEWAY_ENDS: readonly WhenGatewayEnds[] = ['detect', 'continue', 'cancel'];

/** Verified options, defaults filled in. */
export interface ServerSettings {
  readonly handle: HandleSettings;
  readonly write: WriteSettings;
  readonly until: Observable<unknown> | undefined;
  readonly maxConnections: number;
  readonly maxWaiting: number;
  readonly drainTimeoutMs: number;
  readonly whenGatewayEnds: WhenGatewayEnds;
  readonly inspect: InspectObserver | undefined;
}

// The server makes a flow for each connection.
const { flow: _, ...OPTIONS_OF_HANDLE } = HANDLE_OPTIONS;

export const SERVER_OPTIONS: OptionNames<ServerOptions> = {
  ...OPTIONS_OF_HANDLE,
  ...WRITE_OPTIONS,
  until: true,
  maxConnections: true,
  maxWaiting: true,
  drainTimeoutMs: true,
  whenGatewayEnds: true,
  inspect: true,
};

/** @throws RangeError | TypeError naming the first option that is wrong. */
export function verifyServerOptions(options: ServerOptions): ServerSettings {
  return {
    handle: verifyHandleOptions({
      ...options,
      lenientDuplicates: verifySwitch('lenientDuplicates', options.lenientDuplicates, true),
    }),
    write: verifyWriteOptions(options),
    until: verifyUntil(options.until),
    maxConnections: verifyLimit('maxConnections', options.maxConnections, 1000),
    maxWaiting: verifyLimit('maxWaiting', options.maxWaiting, 1000, 0),
    drainTimeoutMs: verifyTimeout('drainTimeoutMs', options.drainTimeoutMs, 30_000),
    whenGatewayEnds: verifyWhenGatewayEnds(options.whenGatewayEnds),
    inspect: verifyInspect(options.inspect),
  };
}

function verifyUntil(value: unknown): Observable<unknown> | undefined {
  if (value === undefined || isObservable(value)) return value;
  throw new TypeError(`until must be an Observable, not ${quoted(value)}`);
}

function verifyWhenGatewayEnds(value: unknown = 'detect'): WhenGatewayEnds {
  const known = WHEN_GATEWAY_ENDS.find((each) => each === value);
  if (known) return known;
  throw new TypeError(`whenGatewayEnds must be one of ${WHEN_GATEWAY_ENDS.join(', ')}, not ${quoted(value)}`);
}

function verifyInspect(value: unknown): InspectObserver | undefined {
  if (value === undefined || typeof value === 'function') return value as InspectObserver | undefined;
  if (typeof value === 'object' && value !== null) return value;
  throw new TypeError(`inspect must be a function or an observer, not ${quoted(value)}`);
}
