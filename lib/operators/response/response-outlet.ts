/** Describes where a response goes, and joins its head with what goes out in the same chunk. */
import { decodeLatin1, writeLatin1 } from '../../core/text/latin1.js';

export interface ResponseOutlet {
  /** Whether somebody takes the request's body: only then does holding the input brake a body that derives from it. */
  readonly bodyTaken: boolean;
  /**
   * Sends the head, and what goes out with it in one chunk; called once.
   *
   * @param head - text of which each character is a byte.
   * @param data - bytes, or text as well.
   */
  emitHead(head: string, data: Uint8Array | string): void;
  /** Sends more of the body. */
  emit(bytes: Uint8Array): void;
  /** The head is out, and the body has been subscribed. */
  started(): void;
  ended(): void;
  /** Nothing more comes. `ResponseSender.headSent` says whether the gateway has received a part. */
  fail(error: unknown): void;
  /**
   * A finalizer of the body has thrown. The response ends as it would have without that.
   *
   * @param left - whether the body was left before its end.
   */
  bodyFinalizerThrew(fault: unknown, left: boolean): void;
}

/** An output that also takes text, each character a byte: a socket writes short text without a buffer. */
export interface TextSink {
  nextText(text: string): void;
}

/** Passes a head on as text where the output takes text, else as bytes. */
export function emitHeadTo(
  output: { next(bytes: Uint8Array): void } & Partial<TextSink>,
  head: string,
  data: Uint8Array | string,
): void {
  if (output.nextText && data.length === 0) output.nextText(head);
  else if (output.nextText) output.nextText(head + (typeof data === 'string' ? data : decodeLatin1(data)));
  else output.next(joinHead(head, data));
}

/** Joins a head and what goes out with it, in a buffer of their own. */
export function joinHead(head: string, data: Uint8Array | string): Uint8Array {
  const bytes = new Uint8Array(head.length + data.length);
  writeLatin1(head, bytes);
  if (typeof data === 'string') writeLatin1(data, bytes, head.length);
  else bytes.set(data, head.length);
  return bytes;
}
