// Uploads to a folder, with a limit, and their progress as server-sent events.
//
//     npm install rxscgi rxjs
//     UPLOADS=. npx rxscgi dev upload.mjs
//     curl -N http://127.0.0.1:8080/files/photo.jpg/progress &
//     curl -T photo.jpg http://127.0.0.1:8080/files/photo.jpg
import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Subject, filter, finalize, from, last, map, mergeMap, takeWhile, tap, using } from 'rxjs';
import { HttpError, json, pullMap, serverSentEvents } from 'rxscgi';

const FOLDER = process.env.UPLOADS ?? tmpdir();
const MAX_BYTES = Number(process.env.MAX_BYTES ?? 100 * 1024 * 1024);

/** `{ name, event, bytes, total }`: `progress` after each chunk of any upload, and at its end `stored` or `failed`. */
const uploads = new Subject();

/** @type {import('rxscgi').AnyScgiHandler} */
export default function handle(request) {
  // The name becomes the name of a file: no slash, and no dot at its beginning.
  const [, name, action = ''] = /^\/files\/(\w[\w.-]{0,99})(\/progress)?$/.exec(request.path) ?? [];
  if (name === undefined) throw new HttpError(404);
  switch (`${request.method} ${action}`) {
    case 'PUT ':
      return store(name, request);
    case 'GET /progress':
      return follow(name);
    default:
      throw new HttpError(405, undefined, { headers: { Allow: action ? 'GET' : 'PUT' } });
  }
}

function store(name, { body, contentLength: total }) {
  // The length is announced, and no more than that comes: nothing has been written yet.
  if (total > MAX_BYTES) throw new HttpError(413);
  const file = join(FOLDER, name);
  let bytes = 0;
  let end = 'failed';
  const tell = (event) => uploads.next({ name, event, bytes, total });
  return using(
    () => new Part(),
    (part) =>
      from(part.opened).pipe(
        mergeMap((handle) =>
          // Takes the next chunk when this one has been written: the web server waits meanwhile.
          body.pipe(pullMap((chunk) => from(handle.appendFile(chunk)).pipe(map(() => chunk.length)))),
        ),
        tap((length) => {
          bytes += length;
          tell('progress');
        }),
        // When all is written. The default is for an upload without a chunk: an empty file.
        last(undefined, 0),
        mergeMap(() => rename(part.path, file)),
        map(() => {
          end = 'stored';
          return json({ name, bytes }, { status: 201 });
        }),
        // After success, after failure, and when the client leaves.
        finalize(() => tell(end)),
      ),
  );
}

/** A file that is being written. */
class Part {
  path = join(FOLDER, `.${randomUUID()}.part`);
  opened = open(this.path, 'wx');

  /** `using` calls it after success, after failure, and when the client leaves: what has not been renamed is removed. */
  async unsubscribe() {
    // When it could not be opened, the request has failed with that error.
    const handle = await this.opened.catch(() => undefined);
    await handle?.close().catch(console.error);
    await rm(this.path, { force: true }).catch(console.error);
  }
}

function follow(name) {
  const events = uploads.pipe(
    filter((upload) => upload.name === name),
    takeWhile(({ event }) => event === 'progress', true),
    map(({ event, ...upload }) => ({ event, data: JSON.stringify(upload) })),
  );
  return serverSentEvents(events);
}
