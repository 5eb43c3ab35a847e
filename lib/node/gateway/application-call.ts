/** One call of the application: a connection, the request on it, and what comes back, parsed. */
import type { IncomingResponseHead } from '../../core/events.js';
import { ResponseParser } from '../../core/response/response-parser.js';
import { ForwardingSubscriber, type Target } from '../../operators/flow/forwarding-subscriber.js';
import { HELD_BY_RESPONSE } from '../../operators/flow/flow.js';
import { ApplicationConnection } from '../client/application-connection.js';
import type { GatewaySettings } from './gateway-options.js';
import { upload, type UploadBody, type UploadWatcher } from './http/upload.js';

/** Receives what the application answers. */
export interface CallListener extends UploadWatcher {
  /** @returns whether the response is passed on; otherwise the call ends. */
  head(head: IncomingResponseHead, localRedirect: string | undefined): boolean;
  /** @returns whether more may come. */
  body(data: Uint8Array): boolean;
  /** All of a chunk has been passed on. */
  chunkEnded(): void;
  /** The response is complete. */
  end(): void;
  /** Nothing more comes. */
  failed(error: unknown): void;
}

export class ApplicationCall implements Target<Uint8Array> {
  private readonly connection: ApplicationConnection;
  private readonly parser: ResponseParser;
  private readonly subscriber = new ForwardingSubscriber<Uint8Array>(this, 'after');

  constructor(
    settings: GatewaySettings,
    variables: ReadonlyMap<string, string>,
    body: UploadBody,
    private readonly listener: CallListener,
  ) {
    const { target, times, maxResponseHeadBytes } = settings;
    const limits = { maxResponseHeadBytes, requestMethod: variables.get('REQUEST_METHOD') };
    this.connection = new ApplicationConnection(target, times);
    this.parser = new ResponseParser(limits, {
      responseHeaders: (head, _length, localRedirect) => this.head(head, localRedirect),
      responseBody: (data) => {
        if (!listener.body(data)) this.hold(true);
      },
      responseEnd: () => this.over(() => listener.end()),
    });
    const request = upload(variables, body, this.connection.flow, listener);
    this.connection.start((output) => {
      const sending = new ForwardingSubscriber<Uint8Array>(output);
      this.subscriber.add(sending);
      request.subscribe(sending);
    }, this.subscriber);
  }

  /** Pauses the response, or goes on with it. */
  hold(held: boolean): void {
    this.connection.flow.hold(HELD_BY_RESPONSE, held);
  }

  /** Closes the connection, so that the application notices where it has not finished. */
  stop(): void {
    this.parser.stop();
    this.subscriber.unsubscribe();
  }

  // ---- the connection's notifications

  next(chunk: Uint8Array): void {
    try {
      this.parser.push(chunk);
      this.listener.chunkEnded();
    } catch (fault) {
      this.fail(fault);
    }
  }

  error(error: unknown): void {
    this.fail(error);
  }

  complete(): void {
    try {
      this.parser.end();
    } catch (fault) {
      this.fail(fault);
    }
  }

  // ---- the response

  private head(head: IncomingResponseHead, localRedirect: string | undefined): void {
    if (this.listener.head(head, localRedirect)) this.connection.startBody();
    else this.stop();
  }

  private over(tell: () => void): void {
    this.connection.endBody();
    this.subscriber.unsubscribe();
    tell();
  }

  private fail(error: unknown): void {
    this.stop();
    this.listener.failed(error);
  }
}
