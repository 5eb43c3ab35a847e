/** The events of a server: access logs and metrics are operators over these. */
import type { ScgiRequest } from '../operators/types.js';

/**
 * The events of a server.
 *
 * @typeParam Request - the type of the property `request`.
 */
export type ServerEvent<Request = ScgiRequest> =
  /** An address is bound. Emitted once for each address, when all of them are bound. */
  | {
      readonly type: 'listening';
      /** The address, with the port that the system chose: `127.0.0.1:4000`, `unix:/run/app.sock`. */
      readonly address: string;
    }
  /** The head of a request is complete. Its handler is called next. */
  | {
      readonly type: 'request';
      /** The request that the handler gets. */
      readonly request: Request;
    }
  /**
   * A response, or the answer to an error, has been sent: the operating system has taken all of it. Or the gateway left while it was
   * being sent, for instance because the client closed an event stream: then it is `aborted`. Bytes are those on the SCGI connection.
   */
  | {
      readonly type: 'response';
      /** The request; undefined if the error occurred before its head was complete. */
      readonly request: Request | undefined;
      /** The status that went out. */
      readonly status: number;
      /** Whether the gateway left before it had all of the response. */
      readonly aborted: boolean;
      /** Bytes that were read from the connection. */
      readonly bytesIn: number;
      /** Bytes that were written to the connection. */
      readonly bytesOut: number;
      /** Milliseconds from the start of the connection to the end of the response. */
      readonly durationMs: number;
    }
  /** Something went wrong on a connection. */
  | {
      readonly type: 'failure';
      /** An `ScgiError`, what the handler threw, or an error of the operating system. */
      readonly error: unknown;
      /** The request; undefined if the error occurred before its head was complete. */
      readonly request: Request | undefined;
    }
  /** `until` has notified: no more connections are accepted, and those that are open are finished. */
  | {
      readonly type: 'draining';
      /** The number of open connections. */
      readonly connections: number;
    }
  /** All connections are closed; the Observable completes. */
  | { readonly type: 'closed' };
