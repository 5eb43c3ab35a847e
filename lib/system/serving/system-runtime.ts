/** What a server needs from its system apart from connections: listening, descriptors, diagnostics, the event loop. */
import { channel } from 'node:diagnostics_channel';
import { Observable, combineLatest } from 'rxjs';
import { ScgiLimitError } from '../../core/errors/errors.js';
import type { ServerEvent } from '../../server/server-event.js';
import type { Acceptor, ServerRuntime } from '../../server/server.js';
import { DescriptorBudget } from './descriptor-budget.js';
import { printError } from './print-error.js';

/** Subscribe with `diagnostics_channel.subscribe('rxscgi:request', (event) => …)`. */
const requests = channel('rxscgi:request');

/** How often used-up descriptors are looked for. */
const WATCH_MS = 1000;

/** Opens the addresses of a server, each on its own: cold; emits the address that was bound, the port included. */
export type OpenAddresses = (acceptor: Acceptor) => readonly Observable<string>[];

export class SystemRuntime implements ServerRuntime {
  private readonly descriptors = new DescriptorBudget();

  constructor(private readonly open: OpenAddresses) {}

  listen(acceptor: Acceptor): Observable<readonly string[]> {
    return new Observable((subscriber) => {
      subscriber.add(this.watchDescriptors(acceptor));
      subscriber.add(combineLatest(this.open(acceptor)).subscribe(subscriber));
    });
  }

  /**
   * After the loop was busy, timers fire first, and only then is what arrived meanwhile read: a timer that judges by what has
   * been received must let the reading have its turn.
   */
  readonly inputDelivered: Observable<void> = new Observable((subscriber) => {
    // An immediate comes behind the poll for input and output.
    const immediate = setImmediate(() => {
      subscriber.next();
      subscriber.complete();
    });
    return () => clearImmediate(immediate);
  });

  lackOfRoom(connections: number): unknown {
    return this.descriptors.hasRoom(connections) ? undefined : this.descriptorsUsedUp(connections);
  }

  publish(event: ServerEvent): void {
    if (!requests.hasSubscribers) return;
    if (event.type !== 'request' && event.type !== 'response' && event.type !== 'failure') return;
    this.guard(() => requests.publish(event));
  }

  /**
   * Node.js throws what a subscriber of a channel, or a listener of an `AbortSignal`, throws once more, in a tick of its own: as uncaught,
   * which ends the process with all its connections. Ticks run in order, so what is uncaught between these two comes from them.
   */
  guard(run: () => void): void {
    process.nextTick(() => process.on('uncaughtException', printError));
    run();
    process.nextTick(() => process.off('uncaughtException', printError));
  }

  observerThrew(error: unknown): void {
    printError(error);
  }

  /** Reports when the process has used up its descriptors: the system then refuses connections without an error. */
  private watchDescriptors(acceptor: Acceptor): () => void {
    // Not RxJS's `interval`, which cannot be unref'd: watching is no reason to keep the process.
    const watch = setInterval(() => {
      if (this.descriptors.isUsedUp(acceptor.size))
        acceptor.acceptFailed(this.descriptorsUsedUp(acceptor.size));
    }, WATCH_MS);
    watch.unref();
    return () => clearInterval(watch);
  }

  private descriptorsUsedUp(connections: number): ScgiLimitError {
    const { limit, open } = this.descriptors;
    const message =
      `connections are refused: the process has ${open} of ${limit} files open, ${connections} of them connections; ` +
      'raise the limit (ulimit -n, LimitNOFILE=), or look for what is not closed';
    return new ScgiLimitError('ERR_SCGI_TOO_MANY_CONNECTIONS', message, limit, open);
  }
}
