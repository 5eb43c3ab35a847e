import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import multipart from '@fastify/multipart';
import serveStatic from '@fastify/static';
import fastify from 'fastify';
import { Readable } from 'node:stream';
import { STATIC, digestOf, endless, events, pattern, release, state } from './shared.mjs';

const app = fastify();
await app.register(cookie);
await app.register(formbody);
await app.register(multipart, { limits: { fileSize: 100_000_000 } });
await app.register(serveStatic, { root: STATIC, prefix: '/static/' });

app.get('/hello', () => 'hello');
app.get('/client', ({ ip, protocol, hostname }) => ({ ip, protocol, hostname }));
app.post('/json', ({ body }) => body);
app.post('/form', ({ body }) => body);
app.post('/upload', async (request) => {
  const part = await request.file();
  const digest = await digestOf(part.file);
  return { name: part.fields.name.value, ...digest };
});
app.get('/cookies', ({ cookies }, reply) => reply.setCookie('a', '1').setCookie('b', '2').send(cookies.seen));
app.get('/moved', (_request, reply) => reply.redirect('/hello'));
app.get('/events', (_request, reply) => reply.type('text/event-stream').send(Readable.from(events())));
app.get('/release', () => {
  release();
  return '';
});
app.get('/download', ({ query }, reply) => reply.send(Readable.from(pattern(+query.bytes))));
app.get('/endless', (_request, reply) => reply.send(Readable.from(endless())));
app.get('/state', () => state);
app.get('/throw', () => {
  throw new Error('secret');
});
app.setErrorHandler((_error, _request, reply) => reply.code(500).send('failed'));

await app.ready();
export default app.routing;
