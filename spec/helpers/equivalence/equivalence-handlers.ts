/** The handlers of the equivalence table. */
import { catchError, finalize, ignoreElements, map, merge, of, type Observable } from 'rxjs';
import { pullMap } from '../../../lib/operators/pull-map.js';
import type { ScgiRequest, ScgiResponse } from '../../../lib/operators/types.js';
import type { Scenario, World } from './equivalence.js';
import { errorFacts } from '../virtual-time/marbles.js';
import { show } from '../wire/wire.js';

export type Handle = Scenario['handler'];
export type Row = [what: string, source: Scenario['source'], handler: Handle, more?: Partial<Scenario>];

export const HI: ScgiResponse = { body: 'hi' };
export const BOOM = new Error('boom');
export const LETTERS = Object.fromEntries([...'pqrsuvxyz'].map((letter) => [letter, letter]));

/** A handler that gives responses by marbles: `r`, and another one as `q`. */
export const answers =
  (marbles: string, response: ScgiResponse = HI): Handle =>
  ({ make }) =>
  () =>
    make('handler', marbles, { r: response, q: { body: 'other' } }, BOOM);

/** A handler that gives a body by marbles at once. */
export const streams =
  (marbles: string, headers: Record<string, string> = {}): Handle =>
  ({ make }) =>
  () =>
    make('handler', '(r|)', { r: { headers, body: make('body', marbles, LETTERS, BOOM) } });

/** A handler that makes its response of the request. */
export const makes =
  (make: (request: ScgiRequest, world: World) => Observable<ScgiResponse>): Handle =>
  (world) =>
  (request) =>
    make(request, world).pipe(finalize(() => world.note('handler finalized')));

export const echo = makes(({ body }) => of({ body }));
export const echoPushed = makes(({ body }) =>
  of({ body: body.pipe(map((chunk) => show(chunk).toUpperCase())) }),
);
export const echoByPullMap = makes(({ body }, { make }) =>
  of({ body: body.pipe(pullMap(() => make('inner', '--p|', LETTERS))) }),
);
export const collects = makes((request) => request.text().pipe(map((body) => ({ body }))));
export const recovers = (answer: ScgiResponse): Handle =>
  makes((request) =>
    request.text().pipe(
      map((body) => ({ body })),
      catchError(() => of(answer)),
    ),
  );
export const never = answers('---');
/** A handler that returns something itself, not a source of it. */
export const returns =
  (value: unknown): Handle =>
  () =>
  () =>
    value as ScgiResponse;
export const throws: Handle = () => () => {
  throw BOOM;
};
/** The body is read by the handler, which answers by marbles meanwhile. */
export const takesAndAnswers = (marbles: string): Handle =>
  makes(({ body }, { make }) => merge(body.pipe(ignoreElements()), make('answer', marbles, { r: HI }, BOOM)));
/** The abortion of the request's signal is noted. */
export const listensTo =
  (handler: Handle): Handle =>
  (world) =>
  (request) => {
    request.signal.addEventListener('abort', () => world.note(['aborted', reasonOf(request.signal)]));
    return handler(world)(request);
  };
/** The body is read by somebody else. */
export const readAside =
  (handler: Handle): Handle =>
  (world) =>
  (request) => {
    world.hear('reader', request.body);
    return handler(world)(request);
  };

function reasonOf({ reason }: { readonly reason: unknown }): unknown {
  const { name } = reason as Error;
  return name === 'AbortError' ? name : errorFacts(reason);
}
