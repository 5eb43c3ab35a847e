/** The events of a gateway: access logs and metrics are operators over these. */
import type { HttpRequest } from './http/http-request.js';

/** The events of a gateway. */
export type GatewayEvent =
  /** A response has been sent; or the client left, or the gateway cut it, while it was being sent: then it is `aborted`. */
  | {
      readonly type: 'response';
      /** The request of the HTTP client. */
      readonly request: HttpRequest;
      /** The status; 0 if the client left before there was one. */
      readonly status: number;
      /** Whether the client got less than the whole response. */
      readonly aborted: boolean;
      /** Bytes of the request's body that the gateway has read. */
      readonly bytesIn: number;
      /** Bytes of the response's body. */
      readonly bytesOut: number;
      /** Milliseconds from the head of the request to the end of its response. */
      readonly durationMs: number;
    }
  /** A request failed. The client gets the `status` of the error, or a response that is visibly incomplete, and never the error's text. */
  | {
      readonly type: 'failure';
      /** The request of the HTTP client. */
      readonly request: HttpRequest;
      /** An `ScgiError`, or what a function in `trustProxy` threw. */
      readonly error: unknown;
    };
