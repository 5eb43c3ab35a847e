/** The programs that answer "Hello, world". */
import { Missing, bunPath, needPackage } from '../shared/missing.mjs';
import { startUwsgi } from './uwsgi.mjs';

const at = (file) => new URL(`../peers/${file}`, import.meta.url);

export const OURS = 'rxscgi';
export const BARE = 'bare net.Server';
/** Shows what a socket for each request costs. */
export const MINIMAL = 'minimal net.Server';
/** Shows how much of a figure is RxJS. */
export const BARE_WITH_RXJS = `${BARE}, RxJS loaded`;
export const HTTP = 'node:http, no keep-alive';
export const HTTP_KEEP_ALIVE = 'node:http, keep-alive';
export const OURS_ON_BUN = 'rxscgi on Bun';
export const BARE_BUN = 'bare Bun.listen';
export const UWSGI = 'uWSGI (C), SCGI';

/** Those that run on Node.js, and others that nothing needs to be built for. */
const PEERS = {
  [OURS]: { protocol: 'scgi', file: at('ours/rxscgi.mjs') },
  [BARE]: { protocol: 'scgi', file: at('by-hand/bare.mjs') },
  [MINIMAL]: { protocol: 'scgi', file: at('by-hand/minimal.mjs') },
  [HTTP]: { protocol: 'http', file: at('http.mjs') },
  [HTTP_KEEP_ALIVE]: { protocol: 'http', file: at('http.mjs'), keepAlive: true },
  [UWSGI]: { protocol: 'scgi', launch: startUwsgi },
  'node-fastcgi': { protocol: 'fastcgi', file: at('fastcgi.mjs'), needs: 'node-fastcgi' },
};

const PEERS_ON_BUN = {
  [OURS_ON_BUN]: { protocol: 'scgi', file: at('ours/rxscgi.mjs'), runtime: bunPath },
  [BARE_BUN]: { protocol: 'scgi', file: at('by-hand/bare-bun.mjs'), runtime: bunPath },
};

const ALL = { ...PEERS, ...PEERS_ON_BUN };
export const ON_NODE = Object.keys(PEERS);
export const PEER_NAMES = Object.keys(ALL);

/**
 * Starts those programs that are installed.
 *
 * @param what - the case, for the names of profiles.
 * @param transport - `unix` or `tcp`.
 * @returns `{ name, protocol, keepAlive, address, program }` for each.
 */
async function startPeers(scope, what, transport, names) {
  const started = [];
  for (const name of names) {
    const { protocol, file, launch, needs, keepAlive, runtime } = ALL[name];
    try {
      if (needs) needPackage(needs);
      const address = scope.address(transport);
      const options = { profile: scope.profileName(what, name), runtime: runtime?.() };
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
 * @returns `{ targets, stop() }`: what `startPeers` returns, with each one's `url`.
 */
export async function startSites(scope, what, transport, names) {
  const peers = await startPeers(scope, what, transport, names);
  const sites = peers.map(({ protocol, address, keepAlive }) => ({
    protocol,
    addresses: [address],
    keepAlive,
  }));
  const nginx = await scope.nginx(sites);
  for (const [index, { name }] of peers.entries()) await checkAnswer(name, nginx.urls[index]);
  const stop = async () => {
    await nginx.stop();
    for (const { program } of peers) await program.stop();
  };
  return { targets: peers.map((peer, index) => ({ ...peer, url: nginx.urls[index] })), stop };
}

/** Throws unless a peer gives the answer that all of them must give. */
async function checkAnswer(name, url) {
  const response = await fetch(url);
  const text = await response.text();
  if (response.status !== 200 || text !== 'Hello, world\n')
    throw new Error(`${name} answers ${response.status} ${JSON.stringify(text.slice(0, 100))}`);
}
