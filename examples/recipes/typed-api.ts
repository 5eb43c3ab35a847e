// A JSON API in TypeScript: a client reads JSON also when something is wrong, and all that is wrong with its body at once.
//
//     npm install rxscgi rxjs
//     npm install --save-dev typescript @types/node
//     TOKEN=secret npx rxscgi dev typed-api.ts              with Node.js 22.18 or later
//     curl http://127.0.0.1:8080/tasks -H 'Authorization: Bearer secret' --json '{"title":"Buy milk"}'
import { catchError, defer, map, of, type Observable } from 'rxjs';
import {
  HttpError,
  errorAnswer,
  isScgiError,
  json,
  type ScgiHandler,
  type ScgiRequest,
  type ScgiResponse,
} from 'rxscgi';

interface Task {
  readonly id: number;
  readonly title: string;
  readonly done: boolean;
}

type Route = (request: ScgiRequest, id: number) => Observable<ScgiResponse>;

const TOKEN = process.env['TOKEN'] ?? 'secret';
const tasks = new Map<number, Task>();

const routes: readonly { readonly path: RegExp; readonly methods: Readonly<Record<string, Route>> }[] = [
  { path: /^\/tasks$/, methods: { GET: list, POST: add } },
  { path: /^\/tasks\/(\d+)$/, methods: { GET: show } },
];

// `defer` makes what is thrown an error of the Observable, so that one catchError answers both.
const handle: ScgiHandler = (request) => defer(() => route(request)).pipe(catchError(answer));
export default handle;

function route(request: ScgiRequest): Observable<ScgiResponse> {
  const found = routes.find(({ path }) => path.test(request.path));
  if (found === undefined) throw new HttpError(404);
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const handler = found.methods[method];
  if (handler === undefined)
    throw new HttpError(405, undefined, { headers: { Allow: Object.keys(found.methods).join(', ') } });
  if (request.headers.get('authorization') !== `Bearer ${TOKEN}`)
    throw new HttpError(401, undefined, { headers: { 'WWW-Authenticate': 'Bearer' } });
  return handler(request, Number(found.path.exec(request.path)?.[1]));
}

function list(): Observable<ScgiResponse> {
  return of(json([...tasks.values()]));
}

function add(request: ScgiRequest): Observable<ScgiResponse> {
  return request.json().pipe(
    map((body) => {
      const task: Task = { id: tasks.size + 1, ...checked(body) };
      tasks.set(task.id, task);
      return json(task, { status: 201, headers: { Location: `/tasks/${task.id}` } });
    }),
  );
}

function show(_request: ScgiRequest, id: number): Observable<ScgiResponse> {
  const task = tasks.get(id);
  if (task === undefined) throw new HttpError(404, `there is no task ${id}`, { expose: true });
  return of(json(task));
}

/** Turns a body into what it should be. Without a type parameter, `request.json()` is `unknown`: nobody has checked it. */
function checked(body: unknown): Omit<Task, 'id'> {
  const { title, done = false } = (body ?? {}) as Partial<Record<string, unknown>>;
  const isTitle = typeof title === 'string' && title !== '';
  const isDone = typeof done === 'boolean';
  if (isTitle && isDone) return { title, done };
  const faults = [isTitle ? [] : 'title: a text', isDone ? [] : 'done: true or false'].flat();
  throw new HttpError(422, faults.join('; '), { expose: true });
}

/** Answers as JSON what is the client's fault. What is ours goes on, to the log; the client reads its reason phrase. */
function answer(error: unknown): Observable<ScgiResponse> {
  // The status that the server would answer with; the text is that of an exposed message, or the reason phrase.
  const { status, body } = errorAnswer(error);
  if (Number(status) >= 500) throw error;
  const isNotJson = isScgiError(error) && error.code === 'ERR_SCGI_BODY_JSON';
  const message = isNotJson ? 'the body is not JSON' : String(body).trim();
  return of(
    json({ error: message }, { status, headers: error instanceof HttpError ? error.headers : undefined }),
  );
}
