/** A client that talks to an application without a gateway: load, and connections that are held. */
import { connect } from 'node:net';
import { once } from 'node:events';
import { commands } from './measured.mjs';
import { typicalHead, typicalHttpHead } from './requests.mjs';
import { connectOptions } from '../shared/addresses.mjs';

/** Connections that are opened at a time: fewer than a listening socket lets wait. */
const OPENED_AT_ONCE = 100;

const REQUESTS = { scgi: typicalHead(), http: typicalHttpHead() };
const held = new Set();

/** Sends requests for `seconds`, each on a new connection, `connections` at a time. */
commands.load = ({ address, protocol, connections, seconds }) =>
  new Promise((resolve, reject) => {
    const target = connectOptions(address);
    const started = performance.now();
    const until = started + seconds * 1000;
    let requests = 0;
    let running = connections;
    const next = () => {
      if (performance.now() < until) exchange();
      else if (--running === 0) resolve({ requests, seconds: (performance.now() - started) / 1000 });
    };
    const exchange = () => {
      const socket = connect(target);
      let bytes = 0;
      socket.write(REQUESTS[protocol]);
      socket.on('data', (chunk) => (bytes += chunk.length));
      socket.on('error', reject);
      socket.on('close', () => {
        if (bytes === 0) reject(new Error(`${address} closed without an answer`));
        requests++;
        next();
      });
    };
    for (let i = 0; i < connections; i++) exchange();
  });

/** Opens connections, sends the first `share` of a request on each, and keeps them. */
commands.hold = async ({ address, protocol, connections, share }) => {
  const request = REQUESTS[protocol];
  const part = request.subarray(0, Math.floor(request.length * share));
  while (held.size < connections) {
    const some = Math.min(OPENED_AT_ONCE, connections - held.size);
    await Promise.all(Array.from({ length: some }, () => holdOne(address, part)));
  }
};

async function holdOne(address, part) {
  const socket = connect(connectOptions(address));
  held.add(socket);
  await once(socket, 'connect');
  if (part.length > 0) socket.write(part);
}

/** Sends a request on every held connection; resolves when all are answered and closed. */
commands.finish = async ({ protocol }) => {
  const closed = [...held].map((socket) => once(socket.resume(), 'close'));
  for (const socket of held) socket.write(REQUESTS[protocol]);
  await Promise.all(closed);
  held.clear();
};

/** Closes all held connections. */
commands.release = async () => {
  const closed = [...held].map((socket) => once(socket.destroy(), 'close'));
  await Promise.all(closed);
  held.clear();
};

console.log('ready');
