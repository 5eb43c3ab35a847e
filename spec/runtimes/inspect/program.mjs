/**
 * The server of spec/runtimes/inspect.spec.ts, on the runtime that runs this file: `node program.mjs node` or `bun program.mjs bun`.
 *
 * Prints its address, and then each event of `inspect` as a line of JSON.
 */
import { Observable, Subject, concat, map, of, take } from 'rxjs';

const [, , entry] = process.argv;
const { pullMap } = await import('../../../dist/esm/index.js');
const { serveScgi } = await import(`../../../dist/esm/${entry}/index.js`);

const release = new Subject();

const HANDLERS = {
  // The response goes on when `/release` is asked for.
  '/stream': ({ body }) =>
    of({
      headers: { 'Content-Type': 'text/plain' },
      body: concat(
        body.pipe(pullMap((chunk) => of(chunk))),
        release.pipe(
          take(1),
          map(() => 'last'),
        ),
      ),
    }),
  '/release': () => {
    release.next();
    return of({ body: 'released' });
  },
  '/fail': () => {
    throw new TypeError('no such row');
  },
  '/endless': () => of({ body: concat(of('first'), new Observable(() => undefined)) }),
};

serveScgi((request) => HANDLERS[request.path](request), {
  listen: '127.0.0.1:0',
  onError: () => undefined,
  inspect: (event) => console.log(JSON.stringify(event)),
}).subscribe((event) => {
  if (event.type === 'listening') console.log(JSON.stringify(event.address));
});
