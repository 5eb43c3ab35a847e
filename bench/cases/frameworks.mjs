/** "Hello, world" by frameworks: behind scgi_pass by this library, and behind proxy_pass by `node:http`. */
import { existsSync } from 'node:fs';
import { slice } from '../helpers/rounds.mjs';
import { httpLoad } from '../load/http-load.mjs';
import { Missing } from '../shared/missing.mjs';

export const title = '“Hello, world” by frameworks, behind nginx over a Unix socket, 32 connections';

const PEER = new URL('../peers/frameworks.mjs', import.meta.url);
const INSTALLED = new URL('../../spec/frameworks/node_modules/express', import.meta.url);
const CONNECTIONS = 32;

const HANDLER = 'a handler';
const SIDES = {
  [HANDLER]: { protocol: 'scgi', kind: 'handler' },
  fromRequestListener: { protocol: 'scgi', kind: 'listener' },
  'node:http': { protocol: 'http', kind: 'listener' },
  'node:http, keep-alive': { protocol: 'http', kind: 'listener', keepAlive: true },
  'Hono, fromFetch': { protocol: 'scgi', kind: 'hono' },
  'Hono, node:http': { protocol: 'http', kind: 'hono' },
  'Hono, node:http, keep-alive': { protocol: 'http', kind: 'hono', keepAlive: true },
  'Express, fromRequestListener': { protocol: 'scgi', kind: 'express' },
  'Express, node:http': { protocol: 'http', kind: 'express' },
  'Express, node:http, keep-alive': { protocol: 'http', kind: 'express', keepAlive: true },
};
const RATIOS = [
  [HANDLER, 'node:http'],
  [HANDLER, 'node:http, keep-alive'],
  ['fromRequestListener', 'node:http'],
  ['fromRequestListener', 'node:http, keep-alive'],
  ['Hono, fromFetch', 'Hono, node:http'],
  ['Hono, fromFetch', 'Hono, node:http, keep-alive'],
  ['Express, fromRequestListener', 'Express, node:http'],
  ['Express, fromRequestListener', 'Express, node:http, keep-alive'],
  ['fromRequestListener', HANDLER],
  ['Hono, fromFetch', HANDLER],
  ['Express, fromRequestListener', HANDLER],
];

export async function run(scope) {
  if (!existsSync(INSTALLED)) throw new Missing('the frameworks', 'npm ci --prefix spec/frameworks');
  const what = `Unix, c = ${CONNECTIONS}`;
  if (!scope.begins(what)) return;
  const load = httpLoad();
  const sites = [];
  const programs = [];
  for (const [name, { protocol, kind, keepAlive }] of Object.entries(SIDES)) {
    const profile = scope.profileName('unix', name);
    const program = await scope.start(PEER, [scope.address('unix'), protocol, kind], { profile });
    programs.push(program);
    sites.push({ protocol, addresses: [program.address], keepAlive });
  }
  const { urls } = await scope.nginx(sites);
  const sides = Object.keys(SIDES).map((name, index) => [
    name,
    () => slice(programs[index], () => load(urls[index], CONNECTIONS, scope.options.seconds)),
  ]);
  const { rate, cpu } = await scope.rounds(Object.fromEntries(sides));
  const ratios = RATIOS.map(([side, other]) => [side, '÷', other]);
  const { name: benchmark } = scope;
  scope.report.add({ benchmark, what, metric: 'requests/s' }, rate, ratios);
  scope.report.add({ benchmark, what, metric: 'µs CPU / request' }, cpu, ratios);
}
