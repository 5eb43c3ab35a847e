/** A server of `serveScgi`, and what it says of itself. */
import { Subject } from 'rxjs';
import type { ScgiHandler } from '../../../lib/index.js';
import { serveScgi, type ServeOptions, type ServerEvent } from '../../../lib/node/index.js';
import { requestBytes, responseOf, textOf, type TestRequest } from '../../../lib/testing/index.js';
import { Log } from './log.js';
import { TestGateway } from './sockets.js';

export type EventOf<T extends ServerEvent['type']> = Extract<ServerEvent, { type: T }>;

/** Serves from its construction on, on a port of its own; stops after the test at the latest. */
export class TestServer {
  /** Drains the server. */
  readonly until = new Subject<void>();
  readonly log: Log<ServerEvent>;

  constructor(handler: ScgiHandler, options: Partial<ServeOptions> = {}) {
    this.log = new Log(
      serveScgi(handler, { listen: '127.0.0.1:0', onError: () => undefined, until: this.until, ...options }),
    );
  }

  /** The first event of a type, be it past or still to come. */
  event<T extends ServerEvent['type']>(type: T): Promise<EventOf<T>> {
    return this.log.value((event): event is EventOf<T> => event.type === type);
  }

  /** The types of all events so far. */
  get types(): string[] {
    return this.log.values.map(({ type }) => type);
  }

  /** Connects as a gateway. */
  async connect(): Promise<TestGateway> {
    return TestGateway.connect((await this.event('listening')).address);
  }

  /** Connects and sends a request. */
  async send(request: TestRequest | Uint8Array = {}): Promise<TestGateway> {
    const gateway = await this.connect();
    gateway.write(request instanceof Uint8Array ? request : requestBytes(request));
    return gateway;
  }

  /** A whole exchange: status and text of the response. */
  async exchange(request?: TestRequest | Uint8Array): Promise<string> {
    const gateway = await this.send(request);
    const { status, body } = responseOf(Buffer.from(await gateway.response(), 'latin1'));
    gateway.end();
    return `${status} ${textOf(body)}`;
  }
}

/** Exchanges with a server until everything that could go on meanwhile has had its chance. */
export async function letOthersGoOn(server: TestServer, exchanges = 20): Promise<void> {
  for (let count = 0; count < exchanges; count++) await server.exchange({ uri: '/meanwhile' });
}
