/** The server under test, in a child process: `serveScgi` with a tally of its events and sockets. */
import { subscribe } from 'node:diagnostics_channel';
import { Subject } from 'rxjs';
import { serveScgi } from '../../dist/esm/node/index.js';

/** Calls `connected` with each socket that a server in this process accepts. */
export function onAccept(connected) {
  subscribe('net.server.socket', ({ socket }) => connected(socket));
}

/** Starts the server. @returns what child-main.mjs expects; `info` is the address. */
export function serve(handler, options, commands = {}) {
  const until = new Subject();
  const tally = { accepted: 0, open: 0, requests: 0, statuses: {}, failures: {} };
  onAccept((socket) => {
    tally.accepted++;
    tally.open++;
    socket.once('close', () => tally.open--);
  });
  // Scenarios provoke errors by the thousand; the tally counts them.
  const onError = () => undefined;
  const events = serveScgi(handler, { until, onError, ...options });
  return new Promise((resolve, reject) => {
    let over;
    const closed = new Promise((end) => (over = end));
    const stop = () => {
      until.next();
      return closed;
    };
    const all = { tally: () => tally, ...commands };
    events.subscribe({
      next: (event) => {
        if (event.type === 'request') tally.requests++;
        else if (event.type === 'response') count(tally.statuses, event.status);
        else if (event.type === 'failure') count(tally.failures, event.error?.code ?? event.error?.message);
        else if (event.type === 'listening') resolve({ info: event.address, commands: all, stop });
      },
      error: reject,
      complete: over,
    });
  });
}

function count(counts, key) {
  counts[key] = (counts[key] ?? 0) + 1;
}
