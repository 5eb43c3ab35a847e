/** The request towards the application, as chunks: its head, and the body as the client sends it or as it was collected. */
import { Observable } from 'rxjs';
import { ScgiLimitError } from '../../../core/errors/errors.js';
import { BlockCollector } from '../../../core/request/block-collector.js';
import { RequestWriter } from '../../../core/request/request-writer.js';
import { joinHead } from '../../../operators/response/response-outlet.js';
import { COALESCED_BYTES } from '../../../operators/response/response-stream.js';
import type { Flow } from '../../../operators/flow/flow.js';
import type { HttpRequest } from './http-request.js';

/** Where the body comes from: nowhere, from memory, or from the client. */
export type UploadBody = Uint8Array | HttpRequest | undefined;

/** Learns of the client's body. */
export interface UploadWatcher {
  /** It is about to be read. */
  uploading(): void;
  /** Bytes of it were taken. */
  uploaded(bytes: number): void;
  /** Whether more of it is waited for: not while the application takes nothing, and not after its end. */
  awaiting(more: boolean): void;
}

/**
 * Sends the request; the head goes out with what has arrived of the body, in one chunk where that is small.
 *
 *     body:           --a---b----|
 *     outputPaused:   f---t---f---      the client is not read
 *     result:         (Ha)----b--|
 *
 * Error notifications: ScgiUsageError for variables that no header can carry, or a body of another length than was announced.
 */
export function upload(
  variables: ReadonlyMap<string, string>,
  body: UploadBody,
  flow: Flow,
  watcher: UploadWatcher,
): Observable<Uint8Array> {
  return new Observable((subscriber) => {
    const writer = new RequestWriter();
    const head = writer.writeHead({ variables });
    if (body !== undefined && !(body instanceof Uint8Array)) watcher.uploading();
    const first = body === undefined || body instanceof Uint8Array ? body : (body.read() as Buffer | null);
    const send = (data: Uint8Array): void => {
      watcher.uploaded(data.length);
      subscriber.next(writer.writeBody(data));
    };
    if (first && first.length <= COALESCED_BYTES) {
      watcher.uploaded(first.length);
      subscriber.next(joinHead(head, writer.writeBody(first)));
    } else {
      subscriber.next(joinHead(head, ''));
      if (first) send(first);
    }
    const end = (): void => {
      writer.end();
      subscriber.complete();
    };
    if (body === undefined || body instanceof Uint8Array) {
      end();
      return;
    }
    const guarded =
      <T>(work: (value: T) => void) =>
      (value: T): void => {
        try {
          work(value);
        } catch (fault) {
          subscriber.error(fault);
        }
      };
    const onData = guarded(send);
    const onEnd = guarded(end);
    body.on('data', onData).on('end', onEnd);
    if (body.readableEnded) onEnd(undefined);
    const braking = flow.outputPaused.subscribe((paused) => {
      if (paused) body.pause();
      else body.resume();
      watcher.awaiting(!paused);
    });
    return () => {
      braking.unsubscribe();
      watcher.awaiting(false);
      body.off('data', onData).off('end', onEnd);
    };
  });
}

/**
 * Collects a body of unknown length. `progressed` is called for each chunk.
 *
 *     chunked body:  --a---b----|
 *     result:        -----------(x|)      x = ab
 *
 * Error notifications: ScgiLimitError ERR_SCGI_BODY_TOO_LARGE.
 */
export function collectUpload(
  request: HttpRequest,
  maxBytes: number,
  progressed: () => void,
): Observable<Uint8Array> {
  return new Observable((subscriber) => {
    // Not a list of chunks: those of one byte would take a hundred times their size.
    const collector = new BlockCollector(maxBytes);
    const onData = (chunk: Buffer): void => {
      progressed();
      if (collector.take(chunk, 0) < chunk.length) subscriber.error(tooLarge(maxBytes));
    };
    const onEnd = (): void => {
      subscriber.next(collector.finish().subarray(0, collector.length));
      subscriber.complete();
    };
    request.on('data', onData).on('end', onEnd);
    return () => {
      request.off('data', onData).off('end', onEnd);
    };
  });
}

function tooLarge(limit: number): ScgiLimitError {
  const message = `the body is of unknown length, and longer than maxBufferedBody, ${limit} bytes`;
  return new ScgiLimitError('ERR_SCGI_BODY_TOO_LARGE', message, limit, limit + 1);
}
