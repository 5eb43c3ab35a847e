/** The events of both directions: readers return them, and writers take them. */
import type { MetaVariables } from './headers/meta-variables.js';

/** The events of a request, in order: one `request-headers`, any number of `request-body`, one `request-end`. */
export type RequestEvent =
  | {
      readonly type: 'request-headers';
      /** The headers, in the order of the wire. */
      readonly variables: MetaVariables;
    }
  | {
      readonly type: 'request-body';
      /** A chunk of the body, as it came. */
      readonly data: Uint8Array;
    }
  | { readonly type: 'request-end' };

/** Header fields: a record (arrays repeat the field) or pairs; `Headers` and `Map` fit. */
export type ResponseHeaders =
  Readonly<Record<string, string | readonly string[]>> | Iterable<readonly [string, string]>;

/** The input for the head of a response. */
export interface ResponseHeadInit {
  /** `200`, `'404 Not Found'`; 200 when absent, 302 with an absolute `Location`. */
  readonly status?: number | string | undefined;
  /** Header fields, without `Status`. Default: none. */
  readonly headers?: ResponseHeaders | undefined;
}

/** The first event of a response. */
export interface ResponseHeadersEvent extends ResponseHeadInit {
  readonly type: 'response-headers';
}

/** The events of a response, in order: one `response-headers`, any number of `response-body`, one `response-end`. */
export type ResponseEvent =
  | ResponseHeadersEvent
  | {
      readonly type: 'response-body';
      /** A chunk of the body. */
      readonly data: Uint8Array;
    }
  | { readonly type: 'response-end' };

/** The input for the head of a request to an application. */
export interface RequestHeadInit {
  /** Names and values, as characters up to ff. `CONTENT_LENGTH` and `SCGI` may be left out. */
  readonly variables: Readonly<Record<string, string>> | Iterable<readonly [name: string, value: string]>;
  /** Bytes of the body. Default: `CONTENT_LENGTH` among the variables, or 0. */
  readonly contentLength?: number | undefined;
}

/** The events that a writer of requests takes, in order: one `request-headers`, any number of `request-body`, one `request-end`. */
export type RequestWriterEvent =
  | ({ readonly type: 'request-headers' } & RequestHeadInit)
  | {
      readonly type: 'request-body';
      /** A chunk of the body. */
      readonly data: Uint8Array;
    }
  | { readonly type: 'request-end' };

/** The head of a response that an application has sent. */
export interface IncomingResponseHead {
  /** 100 to 999. */
  readonly status: number;
  /** The reason, or nothing. */
  readonly statusText: string;
  /** The fields as pairs, in their order, without `Status`. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** The events that a reader of responses returns, in order: one `response-headers`, any number of `response-body`, one `response-end`. */
export type IncomingResponseEvent =
  | ({ readonly type: 'response-headers' } & IncomingResponseHead)
  | {
      readonly type: 'response-body';
      /** A chunk of the body, as it came. */
      readonly data: Uint8Array;
    }
  | { readonly type: 'response-end' };
