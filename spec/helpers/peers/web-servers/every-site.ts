/** Runs the same cases with each web server in front of an application, over TCP and over a Unix socket. */
import type { ScgiHandler } from '../../../../lib/index.js';
import { describeWith } from '../../describe-with.js';
import { apache } from './apache.js';
import { call, openCall, type Call, type OpenCall, type Reply } from '../clients/http-client.js';
import { lighttpd } from './lighttpd.js';
import { nginx } from './nginx.js';
import { ownGateway } from './own-gateway.js';
import type { Gateway, Peer } from './peer.js';
import { ScgiApp, type AppOptions, type Transport } from '../applications/scgi-app.js';

export const WEB_SERVERS: readonly Peer[] = [nginx, apache, lighttpd];
const PEERS: readonly Peer[] = [...WEB_SERVERS, ownGateway];

const TRANSPORTS: readonly Transport[] = ['TCP', 'Unix'];

export interface SiteOptions {
  readonly peers?: readonly Peer[];
  readonly transports?: readonly Transport[];
  /** More lines for the web server's configuration; `target` is the application's address. */
  readonly directives?: (peer: Peer, target: string) => readonly string[];
  /** Options of `serveScgi`. */
  readonly app?: AppOptions;
  /** The handler of the application, until a case sets another one. */
  readonly handler?: ScgiHandler | undefined;
}

/** An application behind a web server. */
export class Site {
  private running: { readonly app: ScgiApp; readonly gateway: Gateway } | undefined;

  constructor(
    readonly peer: Peer,
    readonly transport: Transport,
    private readonly options: SiteOptions,
  ) {}

  get app(): ScgiApp {
    return this.parts.app;
  }

  /** A folder that the web server can read. */
  get folder(): string {
    return this.parts.gateway.folder;
  }

  /** Returns the URL that a client asks for. */
  url(path: string): string {
    return this.parts.gateway.url + path;
  }

  call(path: string, options?: Call): Promise<Reply> {
    return call(this.url(path), options);
  }

  openCall(path: string, options?: Call): OpenCall {
    return openCall(this.url(path), options);
  }

  async start(): Promise<void> {
    const app = await ScgiApp.start(this.transport, this.options.app);
    app.handler = this.options.handler ?? app.handler;
    try {
      const directives = this.options.directives?.(this.peer, app.address);
      this.running = { app, gateway: await this.peer.start({ target: app.address, directives }) };
    } catch (error) {
      await app.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    if (this.running === undefined) return;
    try {
      await this.running.gateway.stop();
    } finally {
      await this.running.app.stop();
    }
  }

  private get parts(): { readonly app: ScgiApp; readonly gateway: Gateway } {
    if (this.running === undefined) throw new Error('the site is not started');
    return this.running;
  }
}

/** Describes `specs` for each web server and transport. */
export function describeEverySite(options: SiteOptions, specs: (site: Site) => void): void {
  const { peers = PEERS, transports = TRANSPORTS } = options;
  const sites = peers.flatMap((peer) => transports.map((transport) => new Site(peer, transport, options)));
  for (const site of sites) {
    describeWith([site.peer.executable], `behind ${site.peer.name} over ${site.transport}`, () => {
      beforeAll(() => site.start());
      afterAll(() => site.stop());
      specs(site);
    });
  }
}
