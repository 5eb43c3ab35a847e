// A stream of words, in Hono: as a language model answers, and only for as long as somebody listens.
//
//     npm install hono rxscgi rxjs
//     npx rxscgi serve app.mjs --listen 127.0.0.1:4000      behind a web server, see docs/recipes/nginx.md
//     npx rxscgi dev app.mjs                                for a browser
//
// `rxscgi` runs an application of the fetch standard as it is. `c.env` is the meta-variables of the request.
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';

const ANSWER = 'The headers are next, the body is a stream, and leaving is unsubscribing.'.split(' ');
const WORD_EVERY_MS = Number(process.env.WORD_EVERY_MS ?? 200);

const app = new Hono();
let listening = 0;

app.get('/', (c) => c.json({ client: c.env.get('REMOTE_ADDR'), listening }));

app.get('/answer', (c) => {
  // nginx holds back what it does not know to be a stream.
  c.header('X-Accel-Buffering', 'no');
  return streamSSE(c, async (stream) => {
    listening++;
    try {
      for (const word of ANSWER) {
        // A client that has left gets no more events.
        if (stream.aborted) return;
        await stream.writeSSE({ data: word });
        await stream.sleep(WORD_EVERY_MS);
      }
    } finally {
      listening--;
    }
  });
});

export default app;
