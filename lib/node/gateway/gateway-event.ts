/** The events of a gateway: access logs and metrics are operators over these. */
import type { HttpRequest } from './http-request.js';

/** What a gateway does, one event each. */
export type GatewayEvent =
  /** A response is out, or was on its way when the client left or the gateway cut it: then it is `aborted`. */
  | {
      readonly type: 'response';
      /** The request of the HTTP client. */
      readonly request: HttpRequest;
      /** 0 when the client left before there was one. */
      readonly status: number;
      /** Whether the client had less than all of the response. */
      readonly aborted: boolean;
      /** Bytes of the request's body that the gateway has taken. */
      readonly bytesIn: number;
      /** Bytes of the response's body. */
      readonly bytesOut: number;
      /** From the request's head to the end of its response. */
      readonly durationMs: number;
    }
  /** A request failed. The client gets the `status` of the error, or a response that is visibly incomplete, and nothing of the cause. */
  | {
      readonly type: 'failure';
      /** The request of the HTTP client. */
      readonly request: HttpRequest;
      /** An `ScgiError`, or what `variables` threw. */
      readonly error: unknown;
    };
