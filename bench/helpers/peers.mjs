/** The programs that answer "Hello, world". */
import { Missing, bunPath, needPackage } from '../shared/missing.mjs';
import { startUwsgi } from './uwsgi.mjs';

const at = (file) => new URL(`../peers/${file}`, import.meta.url);

export const OURS = 'rxscgi';
export const BARE = 'bare net.Server';
/** Shows how much of a figure is RxJS. */
export const BARE_WITH_RXJS = `${BARE}, RxJS loaded`;
export const HTTP = 'node:http, no keep-alive';
export const HTTP_KEEP_ALIVE = 'node:http, keep-alive';
export const OURS_ON_BUN = 'rxscgi on Bun';
export const BARE_BUN = 'bare Bun.listen';
export const UWSGI = 'uWSGI (C), SCGI';

const PEERS = {
  [OURS]: { protocol: 'scgi', file: at('rxscgi.mjs') },
  [BARE]: { protocol: 'scgi', file: at('bare.mjs') },
  [HTTP]: { protocol: 'http', file: at('http.mjs') },
  [HTTP_KEEP_ALIVE]: { protocol: 'http', file: at('http.mjs'), keepAlive: true },
  [UWSGI]: { protocol: 'scgi', launch: startUwsgi },
  'node-fastcgi': { protocol: 'fastcgi', file: at('fastcgi.mjs'), needs: 'node-fastcgi' },
};

const ON_BUN = {
  [OURS_ON_BUN]: { protocol: 'scgi', file: at('rxscgi.mjs'), runtime: bunPath },
  [BARE_BUN]: { protocol: 'scgi', file: at('bare-bun.mjs'), runtime: bunPath },
};

/**
 * Starts those programs that are installed.
 *
 * @param transport - `unix` or `tcp`.
 * @returns `{ name, protocol, keepAlive, address, program }` for each.
 */
async function startPeers(scope, transport, names) {
  const started = [];
  for (const name of names) {
    const { protocol, file, launch, needs, keepAlive, runtime } = { ...PEERS, ...ON_BUN }[name];
    try {
      if (needs) needPackage(needs);
      const address = scope.address(transport);
      const options = { profile: scope.profileName(transport, name), runtime: runtime?.() };
      const program = launch ? await launch(scope, address) : await scope.start(file, [address], options);
      started.push({ name, protocol, keepAlive, program, address: program.address });
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      scope.report.miss(name, error.howToGet);
    }
  }
  return started;
}

/**
 * Starts programs, and an nginx with one URL for each.
 *
 * @param names - by default all that run on Node.js, and uWSGI.
 * @returns what `startPeers` returns, and each one's `url`.
 */
export async function startSites(scope, transport, names = Object.keys(PEERS)) {
  const peers = await startPeers(scope, transport, names);
  const sites = peers.map(({ protocol, address, keepAlive }) => ({
    protocol,
    addresses: [address],
    keepAlive,
  }));
  const { urls } = await scope.nginx(sites);
  for (const [index, { name }] of peers.entries()) await checkAnswer(name, urls[index]);
  return peers.map((peer, index) => ({ ...peer, url: urls[index] }));
}

/** Throws unless a peer gives the answer that all of them must give. */
async function checkAnswer(name, url) {
  const response = await fetch(url);
  const text = await response.text();
  if (response.status !== 200 || text !== 'Hello, world\n')
    throw new Error(`${name} answers ${response.status} ${JSON.stringify(text.slice(0, 100))}`);
}
