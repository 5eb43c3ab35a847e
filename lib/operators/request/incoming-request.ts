/** A request as applications see it. Everything but the bytes is computed when it is asked for. */
import { NEVER, map, take, type Observable } from 'rxjs';
import { ScgiProtocolError } from '../../core/errors/errors.js';
import { hashed } from '../../core/headers/header-table.js';
import type { MetaVariables } from '../../core/headers/meta-variables.js';
import type { Flow, FlowState } from '../flow/flow.js';
import type { BodyChannel } from './body-channel.js';
import { collectBody } from './collect-body.js';
import { clientBehind, type ForwardedClient, type TrustProxy } from './forwarded.js';
import { DerivedBody } from './derived-body.js';
import { RequestBody } from './request-body.js';
import { RequestSignal } from './request-signal.js';
import { requestFieldsOf } from './request-fields.js';
import {
  pathBelow,
  requestTargetOf,
  requestUrlOf,
  type RequestTarget,
  type RequestTargetOption,
} from './request-target.js';
import type { ScgiBody, ScgiRequest } from '../types.js';

/** The options that a request needs. */
export interface RequestOptions {
  /** A prefix that `path` leaves out; empty if there is none. */
  readonly mount: string;
  /** Where `path`, `query` and `url` come from. */
  readonly requestTarget: RequestTargetOption;
  /** Bytes that `bytes()`, `text()` and `json()` collect, at most. */
  readonly maxCollectedBytes: number;
  /** Which proxies in front of the web server are trusted, if any. */
  readonly trustProxy: TrustProxy | undefined;
}

/** Where the body of a request comes from. */
export interface BodySource {
  readonly flow: FlowState | undefined;
  /** The body, which has one reader. */
  openChannel(): BodyChannel;
}

const REQUEST_METHOD = hashed('REQUEST_METHOD');

/** What nginx says of a peer that came by a Unix socket. */
const UNIX = 'unix:';

export class IncomingRequest implements ScgiRequest {
  private lazyMethod: string | undefined;
  private lazyTarget: RequestTarget | undefined;
  private lazyUrl: URL | undefined;
  private lazyClient: ForwardedClient | undefined;
  private lazyHeaders: Headers | undefined;
  private lazyBody: ScgiBody | undefined;
  private readonly lifetime = new RequestSignal();

  constructor(
    readonly variables: MetaVariables,
    readonly contentLength: number,
    private readonly source: BodySource,
    private readonly options: RequestOptions,
  ) {}

  get method(): string {
    return (this.lazyMethod ??= this.variables.getHashed(REQUEST_METHOD) || 'GET');
  }

  get path(): string {
    return pathBelow(this.options.mount, this.target.path);
  }

  get query(): string {
    return this.target.query;
  }

  get url(): URL {
    return (this.lazyUrl ??= requestUrlOf(this.variables, this.target, this.client));
  }

  get headers(): Headers {
    return (this.lazyHeaders ??= requestFieldsOf(this.variables, this.contentLength));
  }

  get remoteAddress(): string | undefined {
    if (this.client) return this.client.address;
    const { peer } = this;
    return peer === UNIX ? undefined : peer;
  }

  get lastEventId(): string | undefined {
    const id = this.variables.bytes('HTTP_LAST_EVENT_ID');
    return id && new TextDecoder('utf-8', { ignoreBOM: true }).decode(id);
  }

  get draining(): Observable<void> {
    const draining = this.source.flow?.draining ?? NEVER;
    return draining.pipe(
      take(1),
      map(() => undefined),
    );
  }

  get signal(): ScgiRequest['signal'] {
    return this.lifetime.signal;
  }

  get flow(): Flow | undefined {
    return this.source.flow;
  }

  get body(): ScgiBody {
    return (this.lazyBody ??= new RequestBody(this.source.openChannel()));
  }

  bytes(): Observable<Uint8Array> {
    const whole = collectBody(this.body, this.contentLength, this.options.maxCollectedBytes);
    return new DerivedBody(this.source.openChannel(), (subscriber) => whole.subscribe(subscriber));
  }

  text(): Observable<string> {
    return this.bytes().pipe(map((bytes) => new TextDecoder().decode(bytes)));
  }

  json<T = unknown>(): Observable<T> {
    return this.text().pipe(map((text) => this.parseJson(text) as T));
  }

  /** Whether somebody may listen to the signal. */
  get signalTaken(): boolean {
    return this.lifetime.taken;
  }

  /** The exchange is about to end by this error: the reason of the signal. */
  endsBy(error: unknown): void {
    this.lifetime.setReason(error);
  }

  /** The exchange is over. */
  abort(): void {
    this.lifetime.abort();
  }

  /** The address that the web server names. */
  private get peer(): string | undefined {
    const address = this.variables.get('REMOTE_ADDR');
    return address?.startsWith(UNIX) ? UNIX : address || undefined;
  }

  /** Whom the proxies name, where any are trusted. */
  private get client(): ForwardedClient | undefined {
    const { variables, options } = this;
    if (!options.trustProxy) return undefined;
    return (this.lazyClient ??= clientBehind(
      this.peer,
      {
        forwarded: variables.get('HTTP_FORWARDED'),
        xForwardedFor: variables.get('HTTP_X_FORWARDED_FOR'),
        xForwardedProto: variables.get('HTTP_X_FORWARDED_PROTO'),
        xForwardedHost: variables.get('HTTP_X_FORWARDED_HOST'),
      },
      options.trustProxy,
    ));
  }

  private get target(): RequestTarget {
    return (this.lazyTarget ??= requestTargetOf(this.variables, this.options.requestTarget));
  }

  private parseJson(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new ScgiProtocolError('ERR_SCGI_BODY_JSON', 'the body is not JSON', undefined, { cause });
    }
  }
}
