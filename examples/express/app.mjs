// Notes, in Express: a JSON API with cookies, and answers to what goes wrong.
//
//     npm install express rxscgi rxjs
//     npx rxscgi serve app.mjs --listen 127.0.0.1:4000      behind a web server, see docs/recipes/nginx.md
//     npx rxscgi dev app.mjs                                for a browser
//
// `rxscgi` runs an Express application as it is. The web server keeps it from listening itself: there is no app.listen().
import express from 'express';

const notes = new Map();

const app = express();
app.use(express.json({ limit: '100kb' }));

app.get('/notes', (_request, response) => {
  response.json([...notes.values()]);
});

app.post('/notes', ({ body, protocol, host }, response) => {
  const { text } = body ?? {};
  if (typeof text !== 'string' || text === '') {
    response.status(422).json({ error: 'text must be a string, and not empty' });
    return;
  }
  const note = { id: notes.size + 1, text };
  notes.set(note.id, note);
  response.cookie('last', String(note.id), { httpOnly: true });
  response.status(201).location(`${protocol}://${host}/notes/${note.id}`).json(note);
});

app.get('/notes/:id', ({ params }, response) => {
  const note = notes.get(Number(params.id));
  if (note) response.json(note);
  else response.status(404).json({ error: 'no such note' });
});

export default app;
