/** A socket's output as an operator. */
import type { Socket } from 'node:net';
import { Observable, asyncScheduler, type OperatorFunction } from 'rxjs';
import { verifyOptionNames } from '../core/options.js';
import { ForwardingSubscriber } from '../operators/forwarding-subscriber.js';
import { ScheduledTimekeeper } from '../operators/exchange/idle-timer.js';
import type { TextSink } from '../operators/response/response-outlet.js';
import { socketStateOf } from './socket-state.js';
import { ConnectionWriter } from '../server/connection-writer.js';
import { WRITE_OPTIONS, verifyWriteOptions, type WriteOptions } from '../server/write-options.js';

const REAL_TIME = new ScheduledTimekeeper(asyncScheduler);

/**
 * Writes chunks to a socket, and closes the connection in the way that loses nothing.
 *
 *     source:  --a--b--|
 *     socket:  ──a──b──FIN · · · · closed      input is read and dropped meanwhile
 *     result:  -------------------|
 *
 * While `write()` says that the socket is full, `outputPaused` of `flowOf(socket)` is true. When the source completes: FIN,
 * then input is drained for at most `lingerMs` and `lingerBytes`. When the source fails, or the result is unsubscribed,
 * the connection is reset, so that a response cut short does not look complete; on a Unix socket, which knows no reset,
 * it is closed, and only a `Content-Length` tells.
 *
 * @param socket - a connected socket.
 * @param options - bounds of the drain; see {@link WriteOptions}.
 * @returns an operator function whose result emits nothing and completes when the socket is closed.
 * @throws RangeError at the call, when an option is invalid.
 * Error notifications: the source's, and ERR_SCGI_GATEWAY_GONE when the connection is lost before the system has taken
 * everything.
 */
export function writeTo(socket: Socket, options?: WriteOptions): OperatorFunction<Uint8Array, never> {
  verifyOptionNames('writeTo', options, WRITE_OPTIONS);
  const settings = verifyWriteOptions(options);
  return (source) =>
    new Observable((destination) => {
      const writer = new ConnectionWriter(socketStateOf(socket), settings, REAL_TIME, {
        stopSource: () => input.unsubscribe(),
        error: (error) => destination.error(error),
        complete: () => destination.complete(),
      });
      const input = new WriterInput(writer);
      destination.add(input);
      destination.add(() => writer.unsubscribe());
      writer.start();
      source.subscribe(input);
    });
}

/** A source's subscriber that takes text as well: from a `handleScgi` right before it. */
class WriterInput extends ForwardingSubscriber<Uint8Array> implements TextSink {
  constructor(private readonly writer: ConnectionWriter) {
    super(writer);
  }

  nextText(text: string): void {
    if (!this.closed) this.writer.nextText(text);
  }
}
