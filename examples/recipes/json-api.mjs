// A JSON API: tasks that are listed, added, changed and removed.
//
//     npm install rxscgi rxjs
//     npx rxscgi dev json-api.mjs
//     curl http://127.0.0.1:8080/tasks -d '{"title":"Buy milk"}'
import { map } from 'rxjs';
import { HttpError, json } from 'rxscgi';

const MAX_TITLE = 200;

const tasks = new Map();
let lastId = 0;

const ROUTES = [
  { method: 'GET', path: /^\/tasks$/, handle: list },
  { method: 'POST', path: /^\/tasks$/, handle: add },
  { method: 'GET', path: /^\/tasks\/(\d+)$/, handle: show },
  { method: 'PATCH', path: /^\/tasks\/(\d+)$/, handle: change },
  { method: 'DELETE', path: /^\/tasks\/(\d+)$/, handle: remove },
];

/** @type {import('rxscgi').AnyScgiHandler} */
export default function handle(request) {
  const routes = ROUTES.filter(({ path }) => path.test(request.path));
  if (routes.length === 0) throw new HttpError(404);
  // HEAD is answered like GET: the server leaves the body out.
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const route = routes.find((each) => each.method === method);
  if (route === undefined)
    throw new HttpError(405, undefined, { headers: { Allow: routes.map((each) => each.method).join(', ') } });
  const [, id] = route.path.exec(request.path);
  return route.handle(request, Number(id));
}

function list({ url }) {
  const isDone = url.searchParams.get('done');
  return json([...tasks.values()].filter(({ done }) => isDone === null || String(done) === isDone));
}

function add(request) {
  return request.json().pipe(
    map((body) => {
      const task = { title: title(body), done: false, id: ++lastId };
      tasks.set(task.id, task);
      return json(task, { status: 201, headers: { Location: `/tasks/${task.id}` } });
    }),
  );
}

function show(_request, id) {
  return json(taskOf(id));
}

function change(request, id) {
  return request.json().pipe(
    map((body) => {
      // Looked up when the body is here: another request may have removed the task meanwhile.
      const task = taskOf(id);
      const changes = {
        title: body?.title === undefined ? task.title : title(body),
        done: body?.done === undefined ? task.done : done(body),
      };
      return json(Object.assign(task, changes));
    }),
  );
}

function remove(_request, id) {
  tasks.delete(taskOf(id).id);
  return { status: 204 };
}

/** @throws HttpError 404 */
function taskOf(id) {
  const task = tasks.get(id);
  if (task === undefined) throw new HttpError(404);
  return task;
}

/** @throws HttpError 422, whose message the client reads. */
function title(body) {
  const value = body?.title;
  if (typeof value === 'string' && value !== '' && value.length <= MAX_TITLE) return value;
  throw new HttpError(422, `title: a text of 1 to ${MAX_TITLE} characters`, { expose: true });
}

/** @throws HttpError 422 */
function done({ done: value }) {
  if (typeof value === 'boolean') return value;
  throw new HttpError(422, 'done: true or false', { expose: true });
}
