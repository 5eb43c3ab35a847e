/** The programs that answer "Hello, world". */
import { Missing, needPackage } from '../shared/missing.mjs';
import { startUwsgi } from './uwsgi.mjs';

const at = (file) => new URL(`../peers/${file}`, import.meta.url);

export const OURS = 'rxscgi';
export const BARE = 'bare net.Server';
/** Shows how much of a figure is RxJS. */
export const BARE_WITH_RXJS = `${BARE}, RxJS loaded`;
export const HTTP = 'node:http, no keep-alive';
export const HTTP_KEEP_ALIVE = 'node:http, keep-alive';

const PEERS = {
  [OURS]: { protocol: 'scgi', file: at('rxscgi.mjs') },
  [BARE]: { protocol: 'scgi', file: at('bare.mjs') },
  [HTTP]: { protocol: 'http', file: at('http.mjs') },
  [HTTP_KEEP_ALIVE]: { protocol: 'http', file: at('http.mjs'), keepAlive: true },
  'uWSGI (C), SCGI': { protocol: 'scgi', launch: startUwsgi },
  'node-fastcgi': { protocol: 'fastcgi', file: at('fastcgi.mjs'), needs: 'node-fastcgi' },
};

/**
 * Starts all programs that are installed.
 *
 * @param transport - `unix` or `tcp`.
 * @returns `{ name, protocol, keepAlive, address, ask }` for each.
 */
export async function startPeers(scope, transport) {
  const started = [];
  for (const [name, { protocol, file, launch, needs, keepAlive }] of Object.entries(PEERS)) {
    try {
      if (needs) needPackage(needs);
      const address = scope.address(transport);
      const profile = scope.profileName(transport, name);
      const program = launch ? await launch(scope, address) : await scope.start(file, [address], { profile });
      started.push({ name, protocol, keepAlive, program, address: program.address });
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      scope.report.miss(name, error.howToGet);
    }
  }
  return started;
}
