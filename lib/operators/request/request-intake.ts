/** Receives one request: what `decodeScgi` and `handleScgi` share. */
import type { ScgiProtocolError } from '../../core/errors/errors.js';
import type { MetaVariables } from '../../core/headers/meta-variables.js';
import { RequestParser, type RequestSink } from '../../core/request/request-parser.js';
import type { DecodeSettings } from '../engine-options.js';
import type { FlowState } from '../flow/flow.js';
import { BodyChannel, type BodyLimits, type BodyOwner } from './body-channel.js';
import { IncomingRequest, type BodySource } from './incoming-request.js';

/** Receives what an intake finds. */
export interface IntakeOwner extends BodyOwner {
  /** The headers are complete. */
  requestReceived(request: IncomingRequest): void;
  /** Makes the channel of the body, in place of a usual one. */
  makeChannel?(limits: BodyLimits, flow: FlowState | undefined): BodyChannel;
  /** A part of the body has come, and goes to its reader after this call. */
  bodyProgressed?(): void;
  /** The body is complete. */
  requestCompleted(): void;
  /** Bytes came after the request, and were dropped. */
  requestSurplus?(surplus: ScgiProtocolError): void;
  /** The input is faulty. Nothing more is read. */
  requestFailed(fault: unknown): void;
}

/** A reader of bytes, and the request and the body that it makes of them. */
export class RequestIntake implements RequestSink, BodySource {
  request: IncomingRequest | undefined;
  /** Of a request without a body, it is made when somebody asks for it. */
  channel: BodyChannel | undefined;
  private responseStarted = false;
  private readonly reader: RequestParser;

  constructor(
    private readonly settings: DecodeSettings,
    readonly flow: FlowState | undefined,
    private readonly owner: IntakeOwner,
  ) {
    this.reader = new RequestParser(settings.limits, this);
  }

  /** Bytes received so far. */
  get bytesRead(): number {
    return this.reader.bytesRead;
  }

  /** Whether the request is complete, or never will be. */
  get finished(): boolean {
    return this.reader.finished;
  }

  /** Whether somebody is taking the body. */
  get bodyTaken(): boolean {
    return this.channel?.taken ?? false;
  }

  /** Whether somebody waits for more of the body, or may yet. */
  get bodyAwaited(): boolean {
    return this.channel?.awaited ?? !this.responseStarted;
  }

  /** The head of the response is out. */
  startResponse(): void {
    this.responseStarted = true;
    this.channel?.start();
  }

  openChannel(): BodyChannel {
    if (this.channel) return this.channel;
    const channel = (this.channel = this.makeChannel());
    channel.endEmpty();
    if (this.responseStarted) channel.start();
    return channel;
  }

  private makeChannel(): BodyChannel {
    const { settings, flow, owner } = this;
    return owner.makeChannel?.(settings, flow) ?? new BodyChannel(settings, flow, owner);
  }

  push(chunk: Uint8Array): void {
    try {
      this.reader.push(chunk);
    } catch (fault) {
      this.owner.requestFailed(fault);
    }
  }

  /** The input has ended. @returns whether the request was complete. */
  end(): boolean {
    try {
      this.reader.end();
      return true;
    } catch (fault) {
      this.owner.requestFailed(fault);
      return false;
    }
  }

  /** Reads no further. */
  stop(): void {
    this.reader.stop();
  }

  // ---- the reader's events

  requestHeaders(variables: MetaVariables, contentLength: number): void {
    const { settings, flow, owner } = this;
    if (contentLength > 0) this.channel = this.makeChannel();
    this.request = new IncomingRequest(variables, contentLength, this, settings);
    if (flow) {
      flow.requestOver = isBodiless(this.request);
      flow.incoming = this.request;
    }
    owner.requestReceived(this.request);
  }

  requestBody(data: Uint8Array): void {
    this.owner.bodyProgressed?.();
    this.channel?.write(data);
  }

  requestEnd(): void {
    this.channel?.end();
    this.owner.requestCompleted();
  }

  requestSurplus(surplus: ScgiProtocolError): void {
    this.owner.requestSurplus?.(surplus);
  }
}

/** Whether nothing follows the headers. Of other methods, nginx may announce less of an upload than it sends. */
function isBodiless(request: IncomingRequest): boolean {
  return request.contentLength === 0 && (request.method === 'GET' || request.method === 'HEAD');
}
