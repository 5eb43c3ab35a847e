import { HttpError, HttpStatus, createServer, httpListener, r } from '@marblejs/http';
import { bodyParser$, urlEncodedParser } from '@marblejs/middleware-body';
import { Readable } from 'node:stream';
import { map } from 'rxjs';
import { endless, events, pattern, release, state } from './shared.mjs';

const route = (method, path, answer) =>
  r.pipe(
    r.matchPath(path),
    r.matchType(method),
    r.useEffect((request$) => request$.pipe(map(answer))),
  );

const stream = (source, type) => ({
  body: Readable.from(source, { objectMode: false }),
  headers: { 'Content-Type': type },
});

const effects = [
  route('GET', '/hello', () => ({ body: 'hello', headers: { 'Content-Type': 'text/plain' } })),
  route('HEAD', '/hello', () => ({ headers: { 'Content-Type': 'text/plain' } })),
  route('GET', '/client', ({ socket, headers }) => ({
    body: {
      ip: socket.remoteAddress,
      protocol: socket.encrypted ? 'https' : 'http',
      hostname: headers.host.replace(/:\d+$/, ''),
    },
  })),
  route('POST', '/json', ({ body }) => ({ body })),
  route('POST', '/form', ({ body }) => ({ body })),
  route('GET', '/cookies', ({ headers }) => ({
    body: /seen=(\w+)/.exec(headers.cookie)[1],
    headers: { 'Content-Type': 'text/plain', 'Set-Cookie': ['a=1', 'b=2'] },
  })),
  route('GET', '/moved', () => ({ status: HttpStatus.FOUND, headers: { Location: '/hello' } })),
  route('GET', '/events', () => stream(events(), 'text/event-stream')),
  route('GET', '/release', () => {
    release();
    return {};
  }),
  route('GET', '/download', ({ query }) => stream(pattern(+query.bytes), 'application/octet-stream')),
  route('GET', '/endless', ({ response }) => {
    const answer = stream(endless(), 'application/octet-stream');
    // Marble.js pipes, and a pipe leaves its source open.
    response.on('close', () => answer.body.destroy());
    return answer;
  }),
  route('GET', '/state', () => ({ body: state })),
  route('GET', '/throw', () => {
    // Marble.js sends the message of an error.
    throw new HttpError('failed', HttpStatus.INTERNAL_SERVER_ERROR);
  }),
];

const listen = httpListener({
  effects,
  middlewares: [bodyParser$(), bodyParser$({ parser: urlEncodedParser })],
});

// The server that it makes is not started: what it needs of it is the context.
let listener;
await createServer({ listener: (context) => (listener = listen(context)) });
export default listener;
