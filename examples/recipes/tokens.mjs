// A stream of tokens, as language models answer: passed on as they come, for a few clients at a time.
//
//     npm install rxscgi rxjs
//     MODEL=http://127.0.0.1:8081/ npx rxscgi dev tokens.mjs
//     curl -N http://127.0.0.1:8080/ -d 'Why is the sky blue?'
import { ReplaySubject, groupBy, map, mergeMap, throwIfEmpty, timeout } from 'rxjs';
import { fromFetch } from 'rxjs/fetch';
import { HttpError, serverSentEvents } from 'rxscgi';
import { limitTo } from './limiter.mjs';

const MODEL = process.env.MODEL ?? 'http://127.0.0.1:8081/';

const limited = limitTo(4, 100);

/** The text that the model makes of a prompt, piece by piece. Unsubscribing aborts the request. */
function tokensOf(prompt) {
  return fromFetch(MODEL, {
    method: 'POST',
    body: prompt,
    selector(response) {
      if (!response.ok || !response.body) throw new HttpError(502);
      return response.body.pipeThrough(new TextDecoderStream());
    },
  });
}

/** @type {import('rxscgi').AnyScgiHandler} */
export default function handle(request) {
  return request.text().pipe(
    mergeMap((prompt) =>
      tokensOf(prompt).pipe(
        limited,
        // Until the first token, its turn included. A TimeoutError is answered with 504.
        timeout({ first: 10_000 }),
        // groupBy emits a group of all tokens when the first one comes: then the response begins. Until then, an error has a status of its
        // own. The ReplaySubject keeps the first token until the body of the response is subscribed to.
        groupBy(() => 'all of them', { connector: () => new ReplaySubject(1) }),
        map((tokens) => serverSentEvents(tokens)),
        throwIfEmpty(() => new HttpError(502)),
      ),
    ),
  );
}
