/** `httpToScgi` in front of an application that does what a spec says, and a client that does so too. */
import { createServer } from 'node:http';
import type { GatewayError } from '../../../lib/node/gateway/gateway-error.js';
import { httpToScgi, type HttpToScgiOptions } from '../../../lib/node/gateway/http-to-scgi.js';
import { FakeApplication, type FakeConnection } from './fake-application.js';
import { TestGateway, afterwards, listening, type Transport } from './sockets.js';

/** A request without a body. */
export const GET = 'GET /x HTTP/1.1\r\nHost: x\r\n\r\n';

/** A front end before an application, and the failures of the one with the other. */
export interface Front {
  readonly host: string;
  readonly url: string;
  readonly app: FakeApplication;
  readonly codes: string[];
}

/** A front end before a fake application. */
export async function front(options: HttpToScgiOptions = {}, transport: Transport = 'TCP'): Promise<Front> {
  const app = await FakeApplication.start(transport);
  const { host, codes } = await frontBefore(app.address, options);
  return { host, url: `http://${host}/`, app, codes };
}

/** A front end before a fake application. */
export /** A front end before whatever is there. */
async function frontBefore(
  target: string,
  options: HttpToScgiOptions,
): Promise<{ host: string; codes: string[] }> {
  const codes: string[] = [];
  const onError = (error: unknown): number => codes.push((error as GatewayError).code);
  const server = createServer(httpToScgi(target, { onError, ...options }));
  const host = await listening(server);
  afterwards(() => server.closeAllConnections());
  return { host, codes };
}

export interface FrontExchange extends Front {
  readonly client: TestGateway;
  readonly connection: FakeConnection;
}

/** Both ends of an exchange that has begun. */
export async function begin(
  request = GET,
  options?: HttpToScgiOptions,
  transport?: Transport,
): Promise<FrontExchange> {
  const before = await front(options, transport);
  const accepted = before.app.accept();
  const client = await TestGateway.connect(before.host);
  client.write(request);
  return { ...before, client, connection: await accepted };
}
