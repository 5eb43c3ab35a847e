/** rTorrent, without a terminal and without a network, and torrents for it. */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Transport } from '../sockets/sockets.js';
import { startApplication, type Application } from './application.js';

export function startRtorrent(transport: Transport): Promise<Application> {
  return startApplication('rtorrent', transport, async ({ folder, address, port }) => {
    for (const name of ['session', 'downloads']) await mkdir(join(folder, name));
    const settings = join(folder, 'rtorrent.rc');
    await writeFile(
      settings,
      `system.daemon.set = true
session.path.set = ${join(folder, 'session')}
directory.default.set = ${join(folder, 'downloads')}
network.port_open.set = no
dht.mode.set = disable
trackers.use_udp.set = no
network.scgi.${port === undefined ? 'open_local' : 'open_port'} = ${address}
network.xmlrpc.size_limit.set = 2M
`,
    );
    return ['-n', '-o', `import=${settings}`];
  });
}

const PIECE_BYTES = 16_384;

/** A torrent of one file of zeros, with a tracker that is not there. */
export function makeTorrent(name: string, pieces = 1): Buffer {
  const hash = createHash('sha1').update(new Uint8Array(PIECE_BYTES)).digest();
  const info = [
    `6:lengthi${pieces * PIECE_BYTES}e4:name${name.length}:${name}12:piece lengthi${PIECE_BYTES}e6:pieces${pieces * 20}:`,
    Buffer.concat(Array.from({ length: pieces }, () => hash)),
  ];
  const tracker = 'http://127.0.0.1:1/';
  return Buffer.concat(
    [`d8:announce${tracker.length}:${tracker}4:infod`, ...info, 'ee'].map((part) => Buffer.from(part)),
  );
}
