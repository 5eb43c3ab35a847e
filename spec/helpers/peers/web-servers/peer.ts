/** What the web servers have in common: each has a configuration, and is started in a folder and on a port of its own. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findExecutable } from '../find-executable.js';
import { freePort } from '../free-port.js';
import { GatewayProcess } from '../gateway-process.js';

/** The site: what a person writes into the web server's configuration, and what its page in docs/ shows. */
export interface SiteConfig {
  /** The port of 127.0.0.1 that the web server listens on. */
  readonly port: number;
  /** The application: `127.0.0.1:4000` or `unix:/run/app.sock`. */
  readonly target: string;
  /** A folder for the files that the web server reads and writes. */
  readonly folder?: string;
  /** More lines, verbatim, where the web server forwards to the application. */
  readonly directives?: readonly string[] | undefined;
}

export interface PeerDefinition {
  readonly name: string;
  readonly executable: string;
  /** Lines that pass a response on as it comes, its `Content-Length` included, so that a cut one is noticed. */
  readonly responseDirectives: readonly string[];
  /** Lines that pass a request on as it comes. */
  readonly requestDirectives: readonly string[];
  site(config: SiteConfig): string;
  /** The site in a complete configuration, which keeps all files that the server writes in `folder`. */
  configuration(site: string, folder: string): string;
  /** Command-line arguments that keep the server in the foreground and name the configuration. */
  args(configPath: string, folder: string): readonly string[];
}

export interface Gateway {
  readonly url: string;
  /** Holds the web server's own files, and those that a case puts there. */
  readonly folder: string;
  stop(): Promise<void>;
}

export type StartOptions = Omit<SiteConfig, 'port' | 'folder'>;

export interface Peer extends PeerDefinition {
  start(options: StartOptions): Promise<Gateway>;
}

export function definePeer(definition: PeerDefinition): Peer {
  return {
    ...definition,
    start: (options) => startGateway(definition, options),
  };
}

async function startGateway(peer: PeerDefinition, options: StartOptions): Promise<Gateway> {
  const folder = await createSharedFolder();
  const port = await freePort();
  const configPath = join(folder, 'server.conf');
  await writeFile(configPath, peer.configuration(peer.site({ ...options, port, folder }), folder));
  const remove = () => rm(folder, { recursive: true });
  const running = await GatewayProcess.start({
    executable: findExecutable(peer.executable) ?? peer.executable,
    args: peer.args(configPath, folder),
    port,
    errorLogPath: errorLogPath(folder),
  }).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  return {
    url: `http://127.0.0.1:${port}`,
    folder,
    async stop() {
      await running.stop().finally(remove);
    },
  };
}

export function errorLogPath(folder: string): string {
  return join(folder, 'error.log');
}

/** Creates a temporary folder that a web server can read and write after it has given up root's rights. */
export async function createSharedFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rxscgi-'));
  await chmod(folder, 0o777);
  return folder;
}
