/** What an application knows of the socket of its request: the client's connection, as the web server reports it. */
import { isIP } from 'node:net';
import { Duplex } from 'node:stream';
import { MAX_TIMEOUT_MS } from '../../core/options.js';
import { quoted } from '../../core/text/quoted.js';
import type { ScgiRequest } from '../../operators/types.js';

export class ClientSocket extends Duplex {
  /** The time without progress after which `timeout` is emitted, in milliseconds. */
  timeout: number | undefined;
  readonly connecting = false;
  readonly pending = false;
  private idleTimer: NodeJS.Timeout | undefined;

  constructor(
    /** The SCGI request: for what HTTP does not carry, such as other meta-variables. */
    readonly scgiRequest: ScgiRequest,
  ) {
    super();
  }

  /** The client's address, as the web server reports it. */
  get remoteAddress(): string | undefined {
    return this.scgiRequest.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.portOf('REMOTE_PORT');
  }

  get remoteFamily(): string | undefined {
    return familyOf(this.remoteAddress);
  }

  /** The web server's address. */
  get localAddress(): string | undefined {
    return this.scgiRequest.variables.get('SERVER_ADDR') || undefined;
  }

  get localPort(): number | undefined {
    return this.portOf('SERVER_PORT');
  }

  get localFamily(): string | undefined {
    return familyOf(this.localAddress);
  }

  /** Whether the client came by HTTPS. */
  get encrypted(): boolean {
    return this.scgiRequest.url.protocol === 'https:';
  }

  address(): object {
    const { localAddress: address, localPort: port, localFamily: family } = this;
    return address === undefined ? {} : { address, port, family };
  }

  get readyState(): string {
    if (this.readable) return this.writable ? 'open' : 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  /** Emits `timeout` after this many milliseconds in which nothing was read or written; 0 for never. */
  setTimeout(ms: number, listener?: () => void): this {
    if (this.destroyed) return this;
    if (typeof ms !== 'number')
      throw new TypeError(`a timeout is a number of milliseconds, not ${quoted(ms)}`);
    if (!(ms >= 0 && ms < Infinity)) throw new RangeError(`${ms} is not a number of milliseconds`);
    this.timeout = ms;
    clearTimeout(this.idleTimer);
    const delay = Math.min(ms, MAX_TIMEOUT_MS);
    this.idleTimer = ms > 0 ? setTimeout(() => this.emit('timeout'), delay).unref() : undefined;
    if (listener) {
      if (ms > 0) this.once('timeout', listener);
      else this.removeListener('timeout', listener);
    }
    return this;
  }

  /** Does nothing: the connection to the web server has no delay. */
  setNoDelay(): this {
    return this;
  }

  /** Does nothing: the connection ends with its one exchange. */
  setKeepAlive(): this {
    return this;
  }

  /** Does nothing: a server's connections keep the process. */
  ref(): this {
    return this;
  }

  /** Does nothing, as `ref`. */
  unref(): this {
    return this;
  }

  /** Something was read or written. */
  protected progress(): void {
    this.idleTimer?.refresh();
  }

  protected stopTimeout(): void {
    clearTimeout(this.idleTimer);
  }

  private portOf(name: string): number | undefined {
    const port = this.scgiRequest.variables.get(name) ?? '';
    return /^[0-9]{1,5}$/.test(port) ? Number(port) : undefined;
  }
}

function familyOf(address: string | undefined): string | undefined {
  const version = isIP(address ?? '');
  return version === 0 ? undefined : `IPv${version}`;
}
