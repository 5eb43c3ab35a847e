import Koa from 'koa';
import { koaBody } from 'koa-body';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import send from 'send';
import { STATIC, digestOf, endless, events, pattern, release, state } from './shared.mjs';

const routes = {
  '/hello': (ctx) => (ctx.body = 'hello'),
  '/client': (ctx) => (ctx.body = { ip: ctx.ip, protocol: ctx.protocol, hostname: ctx.hostname }),
  '/json': (ctx) => (ctx.body = ctx.request.body),
  '/form': (ctx) => (ctx.body = ctx.request.body),
  '/upload': async (ctx) => {
    const { file } = ctx.request.files;
    ctx.body = { ...ctx.request.body, ...(await digestOf(createReadStream(file.filepath))) };
  },
  '/cookies': (ctx) => {
    ctx.cookies.set('a', '1');
    ctx.cookies.set('b', '2');
    ctx.body = ctx.cookies.get('seen');
  },
  '/moved': (ctx) => ctx.redirect('/hello'),
  '/events': (ctx) => {
    ctx.type = 'text/event-stream';
    ctx.body = Readable.from(events());
  },
  '/release': (ctx) => {
    release();
    ctx.body = '';
  },
  '/download': (ctx) => (ctx.body = Readable.from(pattern(+ctx.query.bytes), { objectMode: false })),
  '/endless': (ctx) => (ctx.body = Readable.from(endless(), { objectMode: false })),
  '/state': (ctx) => (ctx.body = state),
  '/throw': () => {
    throw new Error('secret');
  },
};

const app = new Koa();
// Koa prints what fails.
app.on('error', () => undefined);
app.use(koaBody({ multipart: true, formidable: { maxFileSize: 100_000_000 } }));
app.use((ctx) => {
  if (ctx.path.startsWith('/static/')) {
    // Koa itself has no ranges: the module that Express uses writes to the response.
    ctx.respond = false;
    ctx.status = 200;
    send(ctx.req, ctx.path.slice('/static'.length), { root: STATIC }).pipe(ctx.res);
    return undefined;
  }
  return routes[ctx.path]?.(ctx);
});

export default app.callback();
