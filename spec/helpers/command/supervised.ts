/** A pool of fake workers in virtual time. */
import { NEVER, shareReplay, type Observable } from 'rxjs';
import { supervise, type SuperviseOptions } from '../../../lib/cli/workers/supervise.js';
import { fakeWorkers, showPoolEvent, type Life } from './fake-workers.js';
import { timelineOf } from '../virtual-time/timeline.js';

interface Pool extends Pick<SuperviseOptions, 'socketsAreLent'> {
  readonly workers?: number;
  readonly lives?: readonly Life[];
  /** When it is told to stop. */
  readonly stopMs?: number;
  /** Marbles: when it is told to reload. */
  readonly reload?: string;
}

/** What happens in it, each with its time. */
export function supervised({
  workers = 2,
  lives = [{}],
  stopMs = 100_000,
  reload = '',
  ...rest
}: Pool): string[] {
  return timelineOf(({ cold }) => {
    const stop = cold(`${stopMs}ms s`).pipe(shareReplay({ bufferSize: 1, refCount: false }));
    const reloads: Observable<unknown> = reload === '' ? NEVER : cold(reload);
    return supervise(fakeWorkers(...lives), { workers, stop, reload: reloads, ...rest });
  }, showPoolEvent);
}

/** How two begin that live as they should. */
export const BOTH_READY = ['2 ready 1', '2 ready 2', '2 listening a', '2 listening b'];
