/** The options of a gateway: their units, their defaults, and the one place that verifies them. */
import { verifyLimit, verifyOptionNames, verifyTimeout, type OptionNames } from '../../core/options.js';
import { quoted } from '../../core/text/quoted.js';
import { verifyResponseReaderOptions } from '../../core/response/response-reader.js';
import { verifyMount, verifyTrustProxy } from '../../operators/engine-options.js';
import type { TrustProxy } from '../../operators/request/forwarded.js';
import type { ConnectTarget } from '../../server/address.js';
import {
  verifyTrustProxy as trustOfAddresses,
  type ServeOptions,
} from '../../system/serving/serve-options.js';
import { verifyCallOptions, verifyTarget, type CallTimes } from '../client/call-options.js';

/** Options of `scgiGateway`. */
export interface GatewayOptions {
  /**
   * The path below which the application is. It becomes `SCRIPT_NAME`, and the rest of the path becomes `PATH_INFO`. Other paths are
   * answered with 404. Default: where Express or Connect has mounted the gateway, or else none.
   */
  readonly mount?: string | undefined;
  /**
   * The hosts that requests may name, without ports; `.example.com` also allows the names below it. `localhost`, the names below it
   * and IP addresses are always allowed. Requests for other hosts are answered with 421. Default: all hosts are allowed.
   */
  readonly allowedHosts?: readonly string[] | undefined;
  /**
   * The proxies in front of the gateway that are trusted to name the client: their addresses and ranges (`10.0.0.0/8`), their number,
   * or a function. `REMOTE_ADDR`, `HTTPS` and `HTTP_HOST` are then what they say, and `X-Forwarded-*` is passed on. Default none.
   */
  readonly trustProxy?: ServeOptions['trustProxy'];
  /** Most bytes of a body of unknown length that are collected to find its length; then 413. Default 1 048 576. */
  readonly maxBufferedBody?: number | undefined;
  /** Most bytes of the head of a response; then 502. Default 65 536. */
  readonly maxResponseHeadBytes?: number | undefined;
  /** Most connections to the application at a time. Default 1 000. */
  readonly maxConnections?: number | undefined;
  /** Most requests that wait for a connection; more are answered with 503. Default 1 000. */
  readonly maxWaiting?: number | undefined;
  /** Most milliseconds until the connection to the application is made; then 504. Default 10 000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Most milliseconds in which the application neither takes any of the request nor answers; then 504. Default 60 000. */
  readonly headersTimeoutMs?: number | undefined;
  /** Most milliseconds between two chunks of a response; then it is cut. Default 30 000. */
  readonly bodyTimeoutMs?: number | undefined;
  /**
   * Most milliseconds without a byte from the client while more of its body is expected; then 408. After the head of the response, its
   * chunks count, too; then it is cut. Default 60 000.
   */
  readonly uploadTimeoutMs?: number | undefined;
  /** Most milliseconds in which the client takes nothing of a response that waits for it; then it is cut. Default 60 000. */
  readonly sendTimeoutMs?: number | undefined;
}

/** Verified options, defaults filled in. */
export interface GatewaySettings {
  readonly target: ConnectTarget;
  /** In the normal form of paths; empty without one. */
  readonly mount: string;
  readonly allowedHosts: readonly string[] | undefined;
  readonly trustProxy: TrustProxy | undefined;
  readonly maxBufferedBody: number;
  readonly maxResponseHeadBytes: number;
  readonly maxConnections: number;
  readonly maxWaiting: number;
  readonly times: CallTimes;
  readonly uploadMs: number;
  readonly sendMs: number;
}

const GATEWAY_OPTIONS: OptionNames<GatewayOptions> = {
  mount: true,
  allowedHosts: true,
  trustProxy: true,
  maxBufferedBody: true,
  maxResponseHeadBytes: true,
  maxConnections: true,
  maxWaiting: true,
  connectTimeoutMs: true,
  headersTimeoutMs: true,
  bodyTimeoutMs: true,
  uploadTimeoutMs: true,
  sendTimeoutMs: true,
};

/** @throws RangeError | TypeError naming the first option that is wrong. */
export function verifyGatewayOptions(target: string, options: GatewayOptions = {}): GatewaySettings {
  verifyOptionNames('scgiGateway', options, GATEWAY_OPTIONS);
  const { maxResponseHeadBytes, connectTimeoutMs, headersTimeoutMs, bodyTimeoutMs } = options;
  return {
    target: verifyTarget(target),
    mount: verifyMount(options.mount),
    allowedHosts: verifyHosts(options.allowedHosts),
    trustProxy: verifyTrustProxy(trustOfAddresses(options.trustProxy)),
    maxBufferedBody: verifyLimit('maxBufferedBody', options.maxBufferedBody, 1_048_576, 0),
    maxResponseHeadBytes: verifyResponseReaderOptions({ maxResponseHeadBytes }).maxResponseHeadBytes,
    maxConnections: verifyLimit('maxConnections', options.maxConnections, 1000),
    maxWaiting: verifyLimit('maxWaiting', options.maxWaiting, 1000, 0),
    // How long the client may take is the business of sendTimeoutMs.
    times: verifyCallOptions({
      connectTimeoutMs,
      headersTimeoutMs,
      bodyTimeoutMs,
      unreadTimeoutMs: Infinity,
    }),
    uploadMs: verifyTimeout('uploadTimeoutMs', options.uploadTimeoutMs, 60_000),
    sendMs: verifyTimeout('sendTimeoutMs', options.sendTimeoutMs, 60_000),
  };
}

/** @throws TypeError unless these are names of hosts. */
export function verifyHosts(hosts: readonly string[] | undefined): readonly string[] | undefined {
  if (hosts === undefined) return undefined;
  const list: readonly unknown[] | undefined = Array.isArray(hosts) ? hosts : undefined;
  const names = list?.map((host) => (typeof host === 'string' && HOST.test(host) ? host.toLowerCase() : ''));
  if (names && !names.includes('')) return names;
  throw new TypeError(`allowedHosts must be an array of host names without ports, not ${quoted(hosts)}`);
}

const HOST = /^\.?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/i;
