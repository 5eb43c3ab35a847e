/** Calls an application again and again. `node caller.mjs rxscgi|bare|bare-with-rxjs|minimal` */
import { rxjs, load } from '../helpers/build.mjs';
import { connectOptions } from '../shared/addresses.mjs';
import { commands } from './measured.mjs';
import { BROWSER_FIELDS, PATH } from './requests.mjs';

const REQUEST = { method: 'GET', uri: PATH, headers: Object.fromEntries(BROWSER_FIELDS) };
const BODY = 'Hello, world\n';

const SIDES = {
  async rxscgi() {
    const { scgiRequest } = await load('node/index');
    return observed((address) => scgiRequest(address, REQUEST));
  },
  async 'bare-with-rxjs'() {
    const { observableCall } = await import('../peers/by-hand/bare-client-with-rxjs.mjs');
    return observed((address) => observableCall(connectOptions(address), REQUEST));
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

/** The whole body, as the documentation reads it. */
function observed(request) {
  const { map, mergeMap } = rxjs;
  return (address, done) => {
    const answer$ = request(address).pipe(
      mergeMap((response) => response.text().pipe(map((text) => [response.status, text]))),
    );
    answer$.subscribe({ next: ([status, text]) => done(undefined, status, text), error: done });
  };
}

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
