/** Calls an application again and again. `node caller.mjs rxscgi|bare|minimal` */
import { rxjs, load } from '../helpers/build.mjs';
import { connectOptions } from '../shared/addresses.mjs';
import { commands } from './measured.mjs';
import { BROWSER_FIELDS, PATH } from './requests.mjs';

const REQUEST = { method: 'GET', uri: PATH, headers: Object.fromEntries(BROWSER_FIELDS) };
const BODY = 'Hello, world\n';

const SIDES = {
  async rxscgi() {
    const { scgiRequest } = await load('node/index');
    const { map, mergeMap } = rxjs;
    return (address, done) => {
      const answer$ = scgiRequest(address, REQUEST).pipe(
        mergeMap((response) => response.text().pipe(map((text) => [response.status, text]))),
      );
      answer$.subscribe({ next: ([status, text]) => done(undefined, status, text), error: done });
    };
  },
  async bare() {
    const { bareCall } = await import('../peers/by-hand/bare-client.mjs');
    return byHand(bareCall);
  },
  async minimal() {
    const { minimalCall } = await import('../peers/by-hand/minimal-client.mjs');
    return byHand(minimalCall);
  },
};

function byHand(request) {
  return (address, done) =>
    request(connectOptions(address), REQUEST, (error, status, _fields, text) => done(error, status, text));
}

const call = await SIDES[process.argv[2]]();

/** Calls for `seconds`, `connections` at a time. */
commands.load = ({ address, connections, seconds }) =>
  new Promise((resolve, reject) => {
    const started = performance.now();
    const until = started + seconds * 1000;
    let requests = 0;
    let running = connections;
    const done = (error, status, text) => {
      if (error || status !== 200 || text !== BODY) {
        reject(error ?? new Error(`${address} answered ${status} ${text}`));
        return;
      }
      requests++;
      if (performance.now() < until) call(address, done);
      else if (--running === 0) resolve({ requests, seconds: (performance.now() - started) / 1000 });
    };
    for (let i = 0; i < connections; i++) call(address, done);
  });

console.log('ready');
