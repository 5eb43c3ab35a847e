/**
 * A handler takes 5 ms for each chunk of an upload: the sender is slowed down, and memory is bounded.
 *
 * There are three routes (directly over a Unix socket, through nginx with its defaults, through nginx without request
 * buffering), and on each every way to take a body, with a server of its own. "Unprocessed" is what the socket has received and
 * the handler has not finished with. It contains no buffer of the system, so that the bound needs no allowance for them.
 */
import { ways } from '../apps/upload.mjs';
import { mib } from '../helpers/figures.mjs';
import { textOf, upload } from '../load/http-client.mjs';
import { MIB } from '../../bench/shared/memory.mjs';
import { pattern, patternDigest } from '../helpers/pattern.mjs';
import { ResponseParser, connectTo, exchange, headOf } from '../load/scgi-client.mjs';
import { writeAll } from '../load/write-all.mjs';

const MAX_BACKLOG = MIB;
const MAX_GROWTH = 40 * MIB;

const ROUTES = [
  { route: 'Unix socket' },
  { route: 'nginx', gateway: [] },
  {
    route: 'nginx unbuffered',
    gateway: ['scgi_request_buffering off;', 'client_body_buffer_size 64k;'],
    options: { lenientContentLength: true },
  },
];

export async function run(scope) {
  const bytes = (scope.short ? 64 : 256) * MIB;
  for (const { route, gateway, options } of ROUTES) {
    if (gateway && !scope.needs('nginx', `${mib(bytes)} by ${route}`)) continue;
    await Promise.all(
      ways.map((way) => {
        const what = `${mib(bytes)} by ${route}, ${way}`;
        return scope.attempt(what, () => runOne(scope, { what, gateway, options, way, bytes }));
      }),
    );
  }
}

async function runOne(scope, { what, gateway, options, way, bytes }) {
  const app = await scope.child('upload', { way, listen: scope.address('unix'), ...options });
  const { url } = gateway ? await scope.nginx(app.info, gateway) : {};
  await exchange(app.info);
  const { rss: idle } = await app.ask('memory');
  await app.ask('resetPeakRss');
  const reply = JSON.parse(url ? await throughGateway(url, bytes) : await straight(app.info, bytes));
  const growth = (await app.ask('peakRss')) - idle;
  const backlog = await app.ask('peakBacklog');
  const right = reply.bytes === bytes && reply.digest === patternDigest(bytes);
  scope.checkAll(what, [
    [right ? 'checksum right' : 'checksum WRONG', 'right', right],
    [`unprocessed ${mib(backlog)}`, mib(MAX_BACKLOG), backlog <= MAX_BACKLOG],
    [`RSS above idle ${mib(growth)}`, mib(MAX_GROWTH), growth <= MAX_GROWTH],
    await scope.stopClean(app),
  ]);
}

async function throughGateway(url, bytes) {
  return textOf(await upload(url, pattern(bytes), bytes));
}

async function straight(address, bytes) {
  const socket = connectTo(address);
  const parser = new ResponseParser();
  socket.write(headOf({ method: 'POST', contentLength: bytes }));
  await writeAll(socket, pattern(bytes));
  let text = '';
  for await (const chunk of socket) text += parser.body(chunk).toString('latin1');
  return text;
}
