/**
 * 500 HTTP clients behind nginx leave before the head of their response. nginx closes its connections, and after one second no
 * handler may be left. The handlers are long polls, which nothing else would end.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { ms } from '../helpers/figures.mjs';
import { until } from '../helpers/until.mjs';

const CLIENTS = 500;
const MAX_MS = 1000;
const START_TIMEOUT_MS = 30_000;
const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

export async function run(scope) {
  for (const transport of ['Unix', 'TCP']) {
    const what = `${CLIENTS} clients leave before the head, ${transport}`;
    if (scope.needs('nginx', what)) await scope.attempt(what, () => runOne(scope, what, transport));
  }
}

async function runOne(scope, what, transport) {
  const listen = scope.address(transport.toLowerCase());
  const app = await scope.child('long-poll', { listen, maxConnections: 2 * CLIENTS });
  const running = async () => (await app.ask('counts')).running;
  const { port } = new URL((await scope.nginx(app.info)).url);
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      const client = connect(port, '127.0.0.1');
      await once(client, 'connect');
      client.write(REQUEST);
      return client;
    }),
  );
  await until(async () => (await running()) === CLIENTS, START_TIMEOUT_MS);
  const begun = await running();
  const left = performance.now();
  for (const client of clients) client.destroy();
  await until(async () => (await running()) === 0, MAX_MS);
  const took = performance.now() - left;
  const rest = await running();
  await app.ask('answer');
  scope.checkAll(what, [
    [`${begun} handlers ran`, `${CLIENTS}`, begun === CLIENTS],
    [`${rest} left after ${ms(took)}`, `0 after ${ms(MAX_MS)}`, rest === 0],
    await scope.stopClean(app),
  ]);
}
