/** Collects a whole body, up to a limit. */
import { Observable, Subscriber } from 'rxjs';
import { BlockCollector } from '../../core/request/block-collector.js';
import { ScgiLimitError } from '../../core/errors/errors.js';

/**
 * Emits all of a body as one array.
 *
 *     body:    --a--b--|
 *     result:  --------(x|)      x = a and b
 *
 * @param body - the chunks, `contentLength` bytes in all.
 * @param maxBytes - a larger body is ERR_SCGI_BODY_TOO_LARGE, and is not taken.
 */
export function collectBody(
  body: Observable<Uint8Array>,
  contentLength: number,
  maxBytes: number,
): Observable<Uint8Array> {
  return new Observable((destination) => {
    if (contentLength > maxBytes) {
      destination.error(
        new ScgiLimitError(
          'ERR_SCGI_BODY_TOO_LARGE',
          `the body has ${contentLength} bytes, more than the ${maxBytes} that are collected; raise maxBodyBytes, ` +
            'or take the body as a stream',
          maxBytes,
          contentLength,
        ),
      );
      return;
    }
    body.subscribe(new CollectSubscriber(destination, contentLength));
  });
}

class CollectSubscriber extends Subscriber<Uint8Array> {
  private readonly collector: BlockCollector;

  constructor(destination: Subscriber<Uint8Array>, size: number) {
    super(destination);
    this.collector = new BlockCollector(size);
  }

  protected override _next(chunk: Uint8Array): void {
    this.collector.take(chunk, 0);
  }

  protected override _complete(): void {
    this.destination.next(this.collector.finish());
    // The subscriber may want no more than the value. A closed Subscriber has no destination.
    if (!this.closed) super._complete();
  }
}
