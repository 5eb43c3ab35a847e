/** The server under test, in a child process: `serveScgi` with a tally of its events and sockets. */
import { subscribe } from 'node:diagnostics_channel';
import { Subject } from 'rxjs';

const { Bun } = globalThis;
const { serveScgi } = await import(`../../dist/esm/${Bun ? 'bun' : 'node'}/index.js`);

/** Calls `connected` with each socket that a server in this process accepts. */
export function onAccept(connected) {
  subscribe('net.server.socket', ({ socket }) => connected(socket));
}

/** Calls back for each socket that a server in this process accepts, and for its end. */
function countSockets(opened, closed) {
  if (!Bun) {
    onAccept((socket) => {
      opened();
      socket.once('close', closed);
    });
    return;
  }
  const { listen } = Bun;
  Bun.listen = ({ socket, ...options }) => {
    const open = (each) => (opened(), socket.open(each));
    const close = (each, error) => (closed(), socket.close(each, error));
    return listen({ ...options, socket: { ...socket, open, close } });
  };
}

/** Starts the server. @returns what child-main.mjs expects; `info` is the address. */
export function serve(handler, options, commands = {}) {
  const until = new Subject();
  const tally = { accepted: 0, open: 0, requests: 0, statuses: {}, failures: {} };
  countSockets(
    () => {
      tally.accepted++;
      tally.open++;
    },
    () => tally.open--,
  );
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
