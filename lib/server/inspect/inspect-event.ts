/** What an observer of a server sees of each connection: the rows of a marble diagram. */
import type { BodyReader } from '../../operators/request/body-channel.js';

/**
 * Who holds a direction of a connection.
 *
 * - `bodyHighWaterMark`: so much of the body is held, and nobody has taken it yet.
 * - `pullMap`, `for await`, `response`: the same, and that reader of the body is busy; `response` is a response that is made of it.
 * - `maxQueuedBytes`: half of that waits in the queue of the response.
 * - `maxConnections`: the connection waits for its turn.
 * - `transport`: the system takes no more output, because the gateway reads slowly.
 * - `holdInput`, `holdOutput`: the application, by its `request.flow`.
 */
export type InspectCause =
  | 'bodyHighWaterMark'
  | Exclude<BodyReader, 'subscribe'>
  | 'maxQueuedBytes'
  | 'maxConnections'
  | 'transport'
  | 'holdInput'
  | 'holdOutput';

/** Where something went wrong. */
export type InspectedPart = 'request' | 'handler' | 'response' | 'connection';

/**
 * An event on a connection, in the order in which they happen.
 *
 * Values that are secrets are masked: each of their bytes is a `*`. These are `HTTP_AUTHORIZATION`, `HTTP_PROXY_AUTHORIZATION`,
 * `HTTP_COOKIE`, `HTTP_PROXY` and `Set-Cookie`. Bodies and URLs are not masked.
 *
 * Text is ISO-8859-1: each character is a byte. The first 4 096 bytes of each body come with their `text`.
 */
export type InspectEvent = {
  /** Counts connections, from 1. */
  readonly connection: number;
  /** Milliseconds since the server was subscribed to; not whole ones. */
  readonly at: number;
} & (
  | { readonly type: 'open' }
  /** A chunk has been received. */
  | { readonly type: 'bytes-in'; readonly bytes: number }
  /** The gateway's FIN has been received. */
  | { readonly type: 'bytes-in-end' }
  /** What `inputPaused` is, and the causes: each change of either. */
  | { readonly type: 'input-paused'; readonly paused: boolean; readonly causes: readonly InspectCause[] }
  | { readonly type: 'output-paused'; readonly paused: boolean; readonly causes: readonly InspectCause[] }
  /** The head of the request is complete. Its headers come in the order of the wire. */
  | {
      readonly type: 'request';
      readonly variables: readonly (readonly [name: string, value: string])[];
      readonly contentLength: number;
    }
  /** The handler is called and subscribed to, has given its response, and is left. */
  | {
      readonly type: 'handler';
      readonly state: 'called' | 'emitted' | 'completed' | 'failed' | 'unsubscribed';
    }
  /** Somebody takes the body or leaves it before its end; or nobody has taken it, and it is dropped. */
  | {
      readonly type: 'body-state';
      readonly state: 'subscribed' | 'unsubscribed' | 'failed' | 'dropped';
      readonly by?: BodyReader | undefined;
    }
  /** The body has emitted a chunk, and its end. */
  | { readonly type: 'body'; readonly bytes: number; readonly text?: string | undefined }
  | { readonly type: 'body-end' }
  /** The head of a response is ready to go out; `by` says whether it is the handler's, or the answer to an error. */
  | {
      readonly type: 'response';
      readonly status: number;
      readonly headers: readonly (readonly [name: string, value: string])[];
      readonly by: 'handler' | 'error';
    }
  /** The body of the response has given a chunk. It may have to wait. */
  | { readonly type: 'chunk'; readonly bytes: number; readonly text?: string | undefined }
  /** So much has been written to the transport. */
  | { readonly type: 'bytes-out'; readonly bytes: number }
  /** Our side has ended: by FIN after the response, by RST, or closed without either. */
  | { readonly type: 'end'; readonly how: 'fin' | 'reset' | 'closed' }
  | {
      readonly type: 'error';
      readonly where: InspectedPart;
      /** One of this library's, or the `code` or the `name` of another error. */
      readonly code: string;
      /** Where the fault is in the input, in bytes. */
      readonly offset?: number | undefined;
      readonly message: string;
      /** Lines of its stack, innermost first: `at handle (file:///app.mjs:3:9)`. Errors of this library have none. */
      readonly frames?: readonly string[] | undefined;
      /** The first 4 096 bytes of the input, where the head of the request is faulty. */
      readonly received?: string | undefined;
    }
  /** The connection is over. */
  | { readonly type: 'close' }
);
