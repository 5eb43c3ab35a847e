// An API that pages of other sites may call (CORS).
//
//     npm install rxscgi rxjs
//     ORIGINS=https://app.example.com npx rxscgi dev cors.mjs
//     curl -i http://127.0.0.1:8080/time -H 'Origin: https://app.example.com'
import { catchError, defer, map, of } from 'rxjs';
import { HttpError, errorAnswer, json } from 'rxscgi';

/** The sites whose pages may call, each with its scheme, and without a path. */
const origins = new Set((process.env.ORIGINS ?? '').split(',').filter(Boolean));

/** What a browser asks for before it sends anything but a simple GET or POST. It keeps the answer for ten minutes. */
const PREFLIGHT = [
  ['Access-Control-Allow-Methods', 'GET, POST, PUT, PATCH, DELETE'],
  ['Access-Control-Allow-Headers', 'Authorization, Content-Type'],
  ['Access-Control-Max-Age', '600'],
];

/**
 * Lets pages of the known sites call a handler.
 *
 * @param {import('rxscgi').ScgiHandler} handler
 * @returns {import('rxscgi').ScgiHandler}
 */
function withCors(handler) {
  return (request) => {
    const origin = request.headers.get('origin');
    const isKnown = origins.has(origin);
    // The response depends on the site: a cache must not give it to another one.
    const fields = [['Vary', 'Origin'], ...(isKnown ? [['Access-Control-Allow-Origin', origin]] : [])];
    if (request.method === 'OPTIONS' && request.headers.has('access-control-request-method'))
      return of({ status: 204, headers: [...fields, ...(isKnown ? PREFLIGHT : [])] });
    return defer(() => handler(request)).pipe(
      // A page can read what is its own fault, too. What is ours is answered by the server, and logged.
      catchError((error) => {
        const answer = errorAnswer(error);
        if (answer.status >= 500) throw error;
        return of(answer);
      }),
      map((response) => ({ ...response, headers: [...pairsOf(response.headers), ...fields] })),
    );
  };
}

/** The fields of a response, whether it has them as an object or as pairs. */
function pairsOf(headers = {}) {
  if (Symbol.iterator in headers) return [...headers];
  return Object.entries(headers).flatMap(([name, value]) => [value].flat().map((each) => [name, each]));
}

export default withCors(({ path }) => {
  if (path === '/time') return of(json({ time: new Date() }));
  throw new HttpError(404);
});
