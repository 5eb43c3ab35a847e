/**
 * Clients that hold connections: some send half a head, one byte a second; others ask for a large response and never read it.
 * They connect one after the other, over `rampMs`, each once.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { ResponseParser, connectTo, endingOf, headOf } from '../load/scgi-client.mjs';

const DRIBBLE_MS = 1000;
const HALF_HEAD = headOf({ uri: `/${'x'.repeat(500)}` }).subarray(0, 300);

const ends = [];

/** Holds a connection until it is answered or cut. */
async function dribble(address) {
  const socket = connectTo(address, { allowHalfOpen: true });
  const parser = new ResponseParser();
  let since;
  let sent = 0;
  const send = () => socket.write(HALF_HEAD.subarray(sent, ++sent));
  const timer = setInterval(send, DRIBBLE_MS);
  const ended = new Promise((resolve) => {
    socket.on('connect', () => {
      since = performance.now();
      send();
    });
    socket.on('data', (chunk) => parser.body(chunk));
    socket.on('end', async () => resolve((await endingOf(socket)) ?? 'FIN'));
    socket.on('error', ({ code }) => resolve(code));
  });
  const end = await ended;
  clearInterval(timer);
  socket.destroy();
  ends.push({ status: parser.status, end, ms: performance.now() - since });
}

const nonReaders = [];

/** Sends a request and reads nothing. */
function ignore({ address, uri }) {
  const socket = connectTo(address, { allowHalfOpen: true });
  socket.pause();
  socket.on('error', () => undefined);
  socket.write(headOf({ uri }));
  nonReaders.push(socket);
}

/** Reads in the end, to see how the response ended: a socket that nobody reads does not tell. */
async function look(socket) {
  const parser = new ResponseParser();
  let bytes = 0;
  const end = await new Promise((resolve) => {
    socket.on('data', (chunk) => (bytes += parser.body(chunk).length));
    socket.on('end', async () => resolve((await endingOf(socket)) ?? 'FIN'));
    socket.on('error', ({ code }) => resolve(code));
    socket.resume();
  });
  socket.destroy();
  return { complete: end === 'FIN' && parser.isComplete(bytes), bytes };
}

/** @param options.nonReading - `{ address, uri }` for each client that does not read. */
export function start({ address, dribblers, nonReading, rampMs }) {
  const after = (index, count, attack) => void delay((index * rampMs) / count).then(attack);
  const commands = {
    attack() {
      for (let i = 0; i < dribblers; i++) after(i, dribblers, () => dribble(address));
      nonReading.forEach((request, i) => after(i, nonReading.length, () => ignore(request)));
    },
    dribblers: () => ends,
    nonReaders: () => Promise.all(nonReaders.map(look)),
  };
  return { commands };
}
