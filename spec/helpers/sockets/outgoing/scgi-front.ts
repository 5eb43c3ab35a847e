/** `scgiGateway` in front of an application that does what a spec says, and a client that does so too. */
import { createServer } from 'node:http';
import { readProperty } from '../../../../lib/core/errors/error-facts.js';
import { scgiGateway, type GatewayEvent, type GatewayOptions } from '../../../../lib/node/index.js';
import { FakeApplication, type FakeConnection } from './fake-application.js';
import { Log } from '../log.js';
import { TestGateway, afterwards, listening, type Transport } from '../sockets.js';

/** A request without a body. */
export const GET = 'GET /x HTTP/1.1\r\nHost: x\r\n\r\n';

/** A gateway, and what it reports. */
export interface Front {
  readonly host: string;
  readonly url: string;
  /** Of the failures. */
  readonly codes: string[];
  readonly log: Log<GatewayEvent>;
}

/** A gateway before a fake application. */
export async function front(
  options: GatewayOptions = {},
  transport: Transport = 'TCP',
): Promise<Front & { readonly app: FakeApplication }> {
  const app = await FakeApplication.start(transport);
  return { ...(await frontBefore(app.address, options)), app };
}

/** A gateway before whatever is there. */
export async function frontBefore(target: string, options: GatewayOptions = {}): Promise<Front> {
  const codes: string[] = [];
  const gateway = scgiGateway(target, options);
  const log = new Log(gateway.events);
  gateway.events.subscribe((event) => {
    if (event.type === 'failure') codes.push(String(readProperty(event.error, 'code')));
  });
  const server = createServer(gateway);
  const host = await listening(server);
  afterwards(() => server.closeAllConnections());
  return { host, url: `http://${host}/`, codes, log };
}

export interface FrontExchange extends Front {
  readonly app: FakeApplication;
  readonly client: TestGateway;
  readonly connection: FakeConnection;
}

/** Both ends of an exchange that has begun. */
export async function begin(
  request = GET,
  options?: GatewayOptions,
  transport?: Transport,
): Promise<FrontExchange> {
  const before = await front(options, transport);
  const accepted = before.app.accept();
  const client = await TestGateway.connect(before.host);
  client.write(request);
  return { ...before, client, connection: await accepted };
}

/** The variables that the application gets for a request. */
export async function variablesOf(
  request: string,
  options?: GatewayOptions,
): Promise<Readonly<Record<string, string>>> {
  const { connection, client } = await begin(request, options);
  const variables = await connection.variables();
  client.socket.destroy();
  return Object.fromEntries(variables);
}
