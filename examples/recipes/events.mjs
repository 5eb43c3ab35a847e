// A chat: messages are posted, and everybody who is connected gets them as server-sent events.
//
//     npm install rxscgi rxjs
//     npx rxscgi dev events.mjs
//     curl -N http://127.0.0.1:8080/messages &
//     curl http://127.0.0.1:8080/messages -d 'Hello, everybody'
import { Subject, from, map, merge } from 'rxjs';
import { HttpError, serverSentEvents } from 'rxscgi';

const KEPT = 100;

/** The latest messages, for clients that reconnect. Several processes would share both by Redis, or the like. */
const latest = [];
const messages = new Subject();
let lastId = 0;

/** @type {import('rxscgi').AnyScgiHandler} */
export default function handle(request) {
  if (request.path !== '/messages') throw new HttpError(404);
  switch (request.method) {
    case 'GET':
      return follow(request.lastEventId);
    case 'POST':
      return request.text().pipe(map(post));
    default:
      throw new HttpError(405, undefined, { headers: { Allow: 'GET, POST' } });
  }
}

/** A browser that reconnects says which message it got last. It gets those that it has missed first. */
function follow(lastEventId) {
  const seen = lastEventId === undefined ? lastId : Number(lastEventId);
  const missed = latest.filter(({ id }) => id > seen);
  const events = merge(from(missed), messages).pipe(
    map(({ id, data }) => ({ event: 'message', id: String(id), data })),
  );
  return serverSentEvents(events, { retryMs: 1000 });
}

function post(data) {
  const message = { id: ++lastId, data };
  if (latest.push(message) > KEPT) latest.shift();
  messages.next(message);
  return { status: 204 };
}
