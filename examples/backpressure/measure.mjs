// Measures how much of an upload a process holds while a slow handler works, with `concatMap` and with `pullMap`.
//
//     node examples/backpressure/measure.mjs               prints the largest amounts
//     node examples/backpressure/measure.mjs plot.svg      draws the whole run, too
//     node examples/backpressure/measure.mjs --mib 64 --ms-per-mib 50
//
// Held is what the process has read from the socket and the handler has not finished yet.
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { concatMap, last, map, mergeMap, scan, tap, timer } from 'rxjs';
import { handleScgi, pullMap } from 'rxscgi';
import { listen, usingSocket } from 'rxscgi/node';
import { plot } from './plot.mjs';

const MIB = 1024 * 1024;
const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { mib: { type: 'string', default: '32' }, 'ms-per-mib': { type: 'string', default: '100' } },
});
const total = Number(flags.mib) * MIB;
const msPerByte = Number(flags['ms-per-mib']) / MIB;

const runs = [];
for (const [name, operator] of Object.entries({ concatMap, pullMap }))
  runs.push({ name, samples: await measure(operator) });

for (const { name, samples } of runs) {
  const most = Math.max(...samples.map(({ held }) => held));
  const seconds = samples.at(-1).ms / 1000;
  console.log(`${name}: at most ${(most / MIB).toFixed(2)} MiB held, in ${seconds.toFixed(1)} s`);
}
if (positionals[0]) writeFileSync(positionals[0], plot(runs));

/** Uploads to a handler that is slow. @returns the bytes held, every 20 ms. */
async function measure(operator) {
  const samples = [];
  let received = () => 0;
  let done = 0;

  // A disk, say: it takes its time for each chunk. Delays have whole milliseconds: what is kept is the time of all chunks together.
  const started = performance.now();
  const save = (chunk) => {
    const due = (done + chunk.length) * msPerByte - (performance.now() - started);
    return timer(Math.max(0, due)).pipe(map(() => chunk.length));
  };

  const handler = ({ body }) =>
    body.pipe(
      operator(save),
      tap((bytes) => (done += bytes)),
      scan((sum, bytes) => sum + bytes, 0),
      last(),
      map((bytes) => ({ body: `${bytes} bytes\n` })),
    );

  let serving;
  const address = await new Promise((resolve) => {
    serving = listen('127.0.0.1:0', { onListening: resolve })
      .pipe(
        tap((socket) => (received = () => socket.bytesRead)),
        mergeMap((socket) => usingSocket(socket, (bytes, flow) => bytes.pipe(handleScgi(handler, { flow })))),
      )
      .subscribe();
  });

  const variables = `CONTENT_LENGTH\0${total}\0SCGI\x001\0`;
  const head = `${variables.length}:${variables},`;
  const sample = () => {
    const ms = performance.now() - started;
    samples.push({ ms, held: Math.max(0, received() - head.length - done) });
  };
  const sampling = setInterval(sample, 20);
  await upload(address, head);
  sample();
  clearInterval(sampling);
  serving.unsubscribe();
  return samples;
}

/** Sends as fast as it is read, and waits for the answer. */
function upload(address, head) {
  const [host, port] = address.split(':');
  const chunk = Buffer.alloc(64 * 1024);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let sent = 0;
    const write = () => {
      while (sent < total) {
        sent += chunk.length;
        if (!socket.write(chunk)) return;
      }
    };
    socket.write(head);
    socket.on('drain', write).on('error', reject).on('end', resolve).resume();
    write();
  });
}
