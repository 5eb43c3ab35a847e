/** The events of a server: access logs and metrics are operators over these. */
import type { ScgiRequest } from '../operators/types.js';

/**
 * What a server does, one event each.
 *
 * @typeParam Request - what an event says of the request.
 */
export type ServerEvent<Request = ScgiRequest> =
  /** An address is bound, with the port that the system chose. Once for each, when all are. */
  | {
      readonly type: 'listening';
      /** As clients reach it: `127.0.0.1:4000`, `unix:/run/app.sock`. */
      readonly address: string;
    }
  /** A request's head is complete; its handler is about to be called. */
  | {
      readonly type: 'request';
      /** The request that the handler gets. */
      readonly request: Request;
    }
  /**
   * A response, or the answer to an error, is out: the system has taken all of it. Or it was on its way when the gateway left,
   * as when the client closes an event stream: then it is `aborted`. Bytes are those on the SCGI connection.
   */
  | {
      readonly type: 'response';
      /** Undefined where the error came before the head was complete. */
      readonly request: Request | undefined;
      /** The status that went out. */
      readonly status: number;
      /** Whether the gateway left before it had all of the response. */
      readonly aborted: boolean;
      /** Bytes that were read from the connection. */
      readonly bytesIn: number;
      /** Bytes that were written to the connection. */
      readonly bytesOut: number;
      /** From the connection to the end of its response. */
      readonly durationMs: number;
    }
  /** Something went wrong on a connection; `request` is there when it had got so far. */
  | {
      readonly type: 'failure';
      /** An `ScgiError`, what the handler threw, or an error of the system. */
      readonly error: unknown;
      /** Undefined where the error came before the head was complete. */
      readonly request: Request | undefined;
    }
  /** `until` notified: no more connections are accepted, those under way are finished. */
  | {
      readonly type: 'draining';
      /** How many connections are under way. */
      readonly connections: number;
    }
  /** All connections are closed; the Observable completes. */
  | { readonly type: 'closed' };
