/** Where a response goes. */
export interface ResponseOutlet {
  /** Whether the request's body is taken: only then does it brake the response's source to hold the input. */
  readonly bodyTaken: boolean;
  emit(bytes: Uint8Array): void;
  /** As `emit`, for a head, and for what goes out with it: each character is a byte. */
  emitText(text: string): void;
  /** The head is out, and the body has been subscribed. */
  started(): void;
  ended(): void;
  /** Nothing more comes; `ResponseSender.headSent` says whether the gateway has seen a part. */
  fail(error: unknown): void;
}

/** A subscriber of bytes that takes text, each character a byte, as well: sockets write it without a buffer. */
export interface TextSink {
  nextText?(text: string): void;
}
