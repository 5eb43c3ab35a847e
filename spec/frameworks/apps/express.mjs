import cookieParser from 'cookie-parser';
import express from 'express';
import multer from 'multer';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { STATIC, digestOf, endless, events, pattern, release, state } from './shared.mjs';

const app = express();
app.set('trust proxy', false);
app.use(cookieParser(), express.json(), express.urlencoded());
app.use('/static', express.static(STATIC));

app.get('/hello', (_request, response) => response.send('hello'));
app.get('/client', ({ ip, protocol, hostname }, response) => response.json({ ip, protocol, hostname }));
app.post(['/json', '/form'], ({ body }, response) => response.json(body));
app.post('/upload', multer().single('file'), async ({ file, body }, response) => {
  response.json({ ...body, ...(await digestOf([file.buffer])) });
});
app.get('/cookies', ({ cookies }, response) => response.cookie('a', '1').cookie('b', '2').send(cookies.seen));
app.get('/moved', (_request, response) => response.redirect('/hello'));
app.get('/events', async (_request, response) => {
  response.type('text/event-stream');
  for await (const event of events()) response.write(event);
  response.end();
});
app.get('/release', (_request, response) => {
  release();
  response.end();
});
app.get('/download', ({ query }, response) => pipeline(Readable.from(pattern(+query.bytes)), response));
app.get('/endless', (_request, response) =>
  pipeline(Readable.from(endless()), response).catch(() => undefined),
);
app.get('/state', (_request, response) => response.json(state));
app.get('/throw', () => {
  throw new Error('secret');
});
// Express prints what nobody handles.
app.use((_error, _request, response, _next) => response.status(500).send('failed'));

export default app;
