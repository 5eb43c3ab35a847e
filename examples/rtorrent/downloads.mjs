// The downloads, asked for once a second while somebody looks, and what has changed since the last time.
import {
  ReplaySubject,
  Subject,
  catchError,
  concatMap,
  exhaustMap,
  map,
  merge,
  of,
  scan,
  share,
  tap,
  timer,
} from 'rxjs';
import { rtorrent } from './rtorrent.mjs';

const FIELDS = {
  hash: 'd.hash=',
  name: 'd.name=',
  bytes: 'd.size_bytes=',
  done: 'd.completed_bytes=',
  down: 'd.down.rate=',
  up: 'd.up.rate=',
  started: 'd.state=',
};
const NAMES = Object.keys(FIELDS);
const NUMBERS = new Set(['bytes', 'done', 'down', 'up', 'started']);

/** Asks at once, not at the next second. */
const asked = new Subject();

/** One poll for all pages. While rTorrent is slow, no second question is asked. */
const polls = merge(timer(0, 1000), asked).pipe(
  exhaustMap(() =>
    rtorrent('d.multicall2', '', 'main', ...Object.values(FIELDS)).pipe(
      map((rows) => ({ downloads: new Map(rows.map(downloadOf)) })),
      // A failure is shown, and the next poll tries again.
      catchError((error) => of({ failure: `rTorrent does not answer: ${error.code ?? error.message}` })),
    ),
  ),
  share({ connector: () => new ReplaySubject(1) }),
);

/** The hash of a download, and its other fields as JSON. Numbers of 64 bits come as text. */
function downloadOf(row) {
  const fields = NAMES.map((name, index) => [name, NUMBERS.has(name) ? Number(row[index]) : row[index]]);
  const download = Object.fromEntries(fields);
  return [download.hash, JSON.stringify(download)];
}

/**
 * The events of one page: `changed` with the downloads that are new or different, `gone` with the hashes of those that are no
 * longer there, `failure` with a sentence, or with nothing once rTorrent answers again.
 */
export function changes() {
  return polls.pipe(
    scan(next, { downloads: new Map(), failure: '', events: [] }),
    concatMap(({ events }) => events),
  );
}

function next({ downloads: before, failure: failed }, { downloads: now = before, failure = '' }) {
  const changed = [...now].filter(([hash, text]) => before.get(hash) !== text).map(([, text]) => text);
  const gone = [...before.keys()].filter((hash) => !now.has(hash));
  const events = [];
  if (changed.length > 0) events.push({ event: 'changed', data: `[${changed.join(',')}]` });
  if (gone.length > 0) events.push({ event: 'gone', data: JSON.stringify(gone) });
  if (failure !== failed) events.push({ event: 'failure', data: JSON.stringify(failure) });
  return { downloads: now, failure, events };
}

/** Starts or stops a download. */
export function setStarted(hash, isStarted) {
  return rtorrent(isStarted ? 'd.start' : 'd.stop', hash).pipe(tap(() => asked.next()));
}
