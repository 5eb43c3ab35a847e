/**
 * One HTTP request, from its head to the end of its response.
 *
 *     checking ──▶ collecting the body, if its length is unknown ──▶ waiting for a place ──▶ calling ──▶ answering ──▶ over
 *                                                                                           └── a local redirect ──┘
 */
import type { Subscription } from 'rxjs';
import type { IncomingResponseHead } from '../../core/events.js';
import { IdleTimer } from '../../operators/exchange/idle-timer.js';
import { isAllowedHost } from './http/allowed-hosts.js';
import { ApplicationCall, type CallListener } from './application-call.js';
import {
  MAX_LOCAL_REDIRECTS,
  notAllowed,
  sendTimeout,
  statusOf,
  tooManyRedirects,
  uploadTimeout,
} from './gateway-faults.js';
import type { GatewayEvent } from './gateway-event.js';
import type { GatewaySettings } from './gateway-options.js';
import { gatewayVariables, type RequestTarget } from './gateway-variables.js';
import { mountOf, redirectedTarget } from './request-route.js';
import { factsOf, type HttpRequest, type RequestFacts } from './http/http-request.js';
import { HttpResponse, type HttpServerResponse } from './http/http-response.js';
import type { Places } from './places.js';
import { collectUpload, type UploadBody } from './http/upload.js';

/** What the exchanges of a gateway share. */
export interface GatewayContext {
  readonly settings: GatewaySettings;
  readonly places: Places;
  /** Whether somebody listens. */
  readonly observed: boolean;
  emit(event: GatewayEvent): void;
  /** Answers an error in place of a plain page, while nothing has been sent. */
  readonly answerError?:
    ((error: unknown, request: HttpRequest, response: HttpServerResponse) => void) | undefined;
}

export class GatewayExchange implements CallListener {
  private readonly startedAtMs = performance.now();
  private readonly client: HttpResponse;
  private readonly uploadTimer: IdleTimer;
  private readonly sendTimer: IdleTimer;
  private readonly waitTimer: IdleTimer;
  private facts!: RequestFacts;
  private target!: RequestTarget;
  private call: ApplicationCall | undefined;
  private collecting: Subscription | undefined;
  private release: (() => void) | undefined;
  private bytesIn = 0;
  private redirects = 0;
  private isHeadNew = false;
  private isClosed = false;

  constructor(
    private readonly context: GatewayContext,
    private readonly request: HttpRequest,
    response: HttpServerResponse,
  ) {
    const { sendMs, uploadMs, times } = context.settings;
    this.client = new HttpResponse(request, response);
    this.uploadTimer = new IdleTimer(times.keeper, uploadMs, () => this.failed(uploadTimeout(uploadMs)));
    this.sendTimer = new IdleTimer(times.keeper, sendMs, () => this.failed(sendTimeout(sendMs)));
    this.waitTimer = new IdleTimer(times.keeper, times.headersMs, () =>
      this.failed(context.places.tooMany(`for more than headersTimeoutMs, ${times.headersMs} ms`)),
    );
    response.on('close', () => this.closed());
    response.on('drain', () => this.drained());
  }

  /** Begins. A request behind another one on its connection waits for that one: it may depend on what that one changes. */
  start(): void {
    const { gone, response } = this.client;
    if (gone) {
      // It has left while something in front of the gateway took its time.
      this.closed();
      return;
    }
    // Node.js assigns the socket when it is the response's turn.
    if (!('stream' in response) && response.socket === null) response.once('socket', () => this.begin());
    else this.begin();
  }

  private begin(): void {
    const { request } = this;
    const { allowedHosts, maxBufferedBody, mount, trustProxy } = this.context.settings;
    try {
      this.facts = factsOf(request, trustProxy);
      const { uri, authority, ownAuthority, bodyLength } = this.facts;
      // A browser always names one. Where a proxy is trusted, a page may send X-Forwarded-Host from its address, but no other Host.
      for (const each of [ownAuthority, authority])
        if (each !== '' && allowedHosts && !isAllowedHost(each, allowedHosts)) throw notAllowed(each);
      const own = mountOf(uri, mount, this.facts);
      if (own === undefined) {
        this.refuse(404);
        return;
      }
      const { method = 'GET' } = request;
      const aim = (length: number, body: UploadBody): void =>
        this.aim({ method, uri, mount: own, bodyLength: length }, body);
      if (bodyLength !== undefined) {
        aim(bodyLength, bodyLength === 0 ? undefined : request);
        return;
      }
      this.uploading();
      this.awaiting(true);
      this.collecting = collectUpload(request, maxBufferedBody, () => this.uploadTimer.touch()).subscribe({
        next: (body) => {
          this.awaiting(false);
          aim(body.length, body);
        },
        error: (error: unknown) => this.failed(error),
      });
    } catch (fault) {
      this.failed(fault);
    }
  }

  /** Goes to the application, when there is a place. */
  private aim(target: RequestTarget, body: UploadBody): void {
    this.target = target;
    try {
      const release = this.context.places.take(() => this.connect(body));
      if (this.isClosed) release();
      else this.release = release;
      // Streams that never end may have all places.
      if (!this.isClosed && this.call === undefined) this.waitTimer.start();
    } catch (fault) {
      this.failed(fault);
    }
  }

  private connect(body: UploadBody): void {
    this.waitTimer.stop();
    if (this.isClosed) return;
    const { facts, request, target } = this;
    try {
      const variables = gatewayVariables(request, facts, target);
      this.call = new ApplicationCall(this.context.settings, variables, body, this);
    } catch (fault) {
      this.failed(fault);
    }
  }

  // ---- the application's answer

  head(head: IncomingResponseHead, localRedirect: string | undefined): boolean {
    if (localRedirect !== undefined && this.redirect(localRedirect)) return false;
    this.client.begin(head);
    this.uploadTimer.touch();
    this.isHeadNew = true;
    return true;
  }

  body(data: Uint8Array): boolean {
    this.isHeadNew = false;
    // What the application sends counts, too: a client may wait for it before it goes on.
    this.uploadTimer.touch();
    if (this.client.write(data)) return true;
    this.sendTimer.start();
    return false;
  }

  chunkEnded(): void {
    if (!this.isHeadNew) return;
    this.isHeadNew = false;
    this.client.flushHead();
  }

  end(): void {
    this.isHeadNew = false;
    this.callOver();
    this.client.end();
    this.ended();
  }

  uploading(): void {
    this.client.inviteBody();
  }

  uploaded(bytes: number): void {
    this.bytesIn += bytes;
    this.uploadTimer.touch();
  }

  awaiting(more: boolean): void {
    if (more) this.uploadTimer.start();
    else this.uploadTimer.stop();
  }

  failed(error: unknown): void {
    this.callOver();
    if (this.isClosed) return;
    const { context, client, request } = this;
    if (context.observed) context.emit({ type: 'failure', request, error });
    if (client.begun) client.cut();
    else if (context.answerError) context.answerError(error, request, client.response);
    else this.refuse(statusOf(error));
  }

  /** Follows a local redirect. @returns false when its path is not one of the application's. */
  private redirect(location: string): boolean {
    const { context, facts, request, target } = this;
    const next = redirectedTarget(target, location, context.settings.mount, facts);
    if (next === undefined) return false;
    this.redirects++;
    if (this.redirects > MAX_LOCAL_REDIRECTS) throw tooManyRedirects();
    this.target = next;
    // The body went to the first call, whose connection is closed first.
    request.resume();
    queueMicrotask(() => this.connect(undefined));
    return true;
  }

  // ---- the client

  private drained(): void {
    this.sendTimer.stop();
    this.call?.hold(false);
  }

  private refuse(status: number): void {
    this.client.refuse(status);
    this.ended();
  }

  /** The client may take its time for the rest. */
  private ended(): void {
    if (this.client.waiting) this.sendTimer.start();
  }

  /** The response is out, or the client has left: its connection to the application is closed. */
  private closed(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.callOver();
    this.sendTimer.stop();
    const { bytesIn, client, context, request } = this;
    if (!context.observed) return;
    const durationMs = performance.now() - this.startedAtMs;
    const { status, complete, bytesOut } = client;
    context.emit({ type: 'response', request, status, aborted: !complete, bytesIn, bytesOut, durationMs });
  }

  private callOver(): void {
    this.uploadTimer.stop();
    this.sendTimer.stop();
    this.waitTimer.stop();
    this.collecting?.unsubscribe();
    this.call?.stop();
    this.call = undefined;
    this.release?.();
    this.release = undefined;
    // What the application did not take: the client's next request is behind it.
    this.request.resume();
  }
}
