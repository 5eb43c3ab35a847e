import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { stream } from 'hono/streaming';
import { STATIC, digestOf, endless, events, pattern, release, state } from './shared.mjs';

const app = new Hono();
const passOn = (c, source) =>
  stream(c, async (out) => {
    for await (const chunk of source) {
      if (out.aborted) break;
      await out.write(chunk);
    }
  });

app.use(
  '/static/*',
  serveStatic({ root: STATIC, rewriteRequestPath: (path) => path.slice('/static'.length) }),
);
app.get('/hello', (c) => c.text('hello'));
app.get('/client', (c) => {
  const { protocol, hostname } = new URL(c.req.url);
  return c.json({ ip: c.env.get('REMOTE_ADDR'), protocol: protocol.slice(0, -1), hostname });
});
app.post('/json', async (c) => c.json(await c.req.json()));
app.post('/form', async (c) => c.json(await c.req.parseBody()));
app.post('/upload', async (c) => {
  const { name, file } = await c.req.parseBody();
  return c.json({ name, ...(await digestOf(file.stream())) });
});
app.get('/cookies', (c) => {
  setCookie(c, 'a', '1');
  setCookie(c, 'b', '2');
  return c.text(getCookie(c, 'seen'));
});
app.get('/moved', (c) => c.redirect('/hello'));
app.get('/events', (c) => {
  c.header('Content-Type', 'text/event-stream');
  return passOn(c, events());
});
app.get('/release', (c) => {
  release();
  return c.body(null);
});
app.get('/download', (c) => passOn(c, pattern(+c.req.query('bytes'))));
app.get('/endless', (c) => passOn(c, endless()));
app.get('/state', (c) => c.json(state));
app.get('/throw', () => {
  throw new Error('secret');
});
app.onError((_error, c) => c.text('failed', 500));

export default app;
