/** An SCGI application that does, byte by byte, what a spec says. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { scan } from 'rxjs';
import { fromSocket } from '../../../../lib/node/index.js';
import { socketStateOf } from '../../../../lib/node/socket-state.js';
import { Log } from '../log.js';
import { afterwards, listening, type Transport } from '../sockets.js';

export class FakeApplication {
  private constructor(
    readonly address: string,
    private readonly server: Server,
  ) {}

  static async start(transport: Transport = 'TCP'): Promise<FakeApplication> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    return new FakeApplication(await listening(server, transport), server);
  }

  /** Calls back for each connection. */
  onConnection(connected: () => void): void {
    this.server.on('connection', connected);
  }

  /** The next connection: to be called before what causes it. */
  async accept(): Promise<FakeConnection> {
    const [socket] = (await once(this.server, 'connection')) as [Socket];
    return new FakeConnection(socket);
  }
}

export class FakeConnection {
  private readonly log: Log<string>;

  constructor(readonly socket: Socket) {
    afterwards(() => socket.destroy());
    this.log = new Log(
      fromSocket(socket).pipe(scan((text, chunk) => text + Buffer.from(chunk).toString('latin1'), '')),
    );
  }

  /** What came so far, as ISO-8859-1. */
  get text(): string {
    return this.log.values.at(-1) ?? '';
  }

  /** Waits until as much came. @throws when the connection is over before. */
  received(test: (text: string) => boolean): Promise<string> {
    return this.log.value(test);
  }

  /** The head, as pairs, once it is complete. */
  async variables(): Promise<[name: string, value: string][]> {
    const text = await this.received((each) => /^\d+:[^]*\0,/.test(each));
    const parts = text.slice(text.indexOf(':') + 1, text.lastIndexOf('\0,')).split('\0');
    return Array.from({ length: parts.length / 2 }, (_, i) => [parts[2 * i]!, parts[2 * i + 1]!]);
  }

  /** Answers, and says FIN. */
  respond(text: string): void {
    this.socket.end(text, 'latin1');
  }

  write(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Closes the connection so that the gateway sees an error (TCP). */
  reset(): void {
    socketStateOf(this.socket).transport.abort();
  }

  /** Waits for the end of what the gateway sends: `'complete'` at FIN, else the code of the socket's error. */
  async ending(): Promise<unknown> {
    const ending = await this.log.over();
    if (ending === 'complete') return ending;
    return (socketStateOf(this.socket).failure as NodeJS.ErrnoException | undefined)?.code ?? ending;
  }
}
