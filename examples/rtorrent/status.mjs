/**
 * Prints rTorrent's downloads by a package that knows HTTP alone. It calls the global `fetch`, which is one for SCGI here.
 *
 *     node status.mjs unix:/run/rtorrent/rpc.sock
 */
import { RTorrent } from '@ctrl/rtorrent';
import { scgiFetch } from 'rxscgi/node';

const [target = 'unix:/run/rtorrent/rpc.sock'] = process.argv.slice(2);
globalThis.fetch = scgiFetch(target);

const rtorrent = new RTorrent({ baseUrl: 'http://rtorrent' });
const { clientVersion } = await rtorrent.getSystemInfo();
console.log(`rTorrent ${clientVersion}`);
const { torrents } = await rtorrent.getAllData();
for (const { name, state, progress } of torrents)
  console.log(`${name}: ${state}, ${Math.round(100 * progress)} %`);
