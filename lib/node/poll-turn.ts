/** A turn of the event loop in which what has arrived is read. */
import { Observable } from 'rxjs';

/**
 * Emits once, when what the system has received by now has been read, and completes.
 *
 * After the loop was busy, timers go off first, and only then is what arrived meanwhile read: a timer that judges by what
 * came must let the reading have its turn.
 */
export const pollTurn: Observable<void> = new Observable((subscriber) => {
  // An immediate comes behind the poll for input and output.
  const immediate = setImmediate(() => {
    subscriber.next();
    subscriber.complete();
  });
  return () => clearImmediate(immediate);
});
