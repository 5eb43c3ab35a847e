/** Starts SCGI applications that nobody here wrote, each in a folder and at an address of its own. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findExecutable } from '../peers/find-executable.js';
import { freePort } from '../peers/free-port.js';
import { GatewayProcess } from '../peers/gateway-process.js';
import { createSharedFolder } from '../peers/web-servers/peer.js';
import type { Transport } from '../sockets/sockets.js';

export interface Application {
  /** As `scgiRequest` takes it. */
  readonly target: string;
  /** Holds the application's own files. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** Where an application is to listen, and to keep its files. */
export interface Place {
  readonly folder: string;
  /** A path, or `127.0.0.1:4000`. */
  readonly address: string;
  readonly port: number | undefined;
}

/** @param argsOf - writes what the application needs into its folder, and returns its command-line arguments. */
export async function startApplication(
  program: string,
  transport: Transport,
  argsOf: (place: Place) => Promise<readonly string[]>,
): Promise<Application> {
  const folder = await createSharedFolder();
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const port = transport === 'TCP' ? await freePort() : undefined;
    const address = port === undefined ? join(folder, 'socket') : `127.0.0.1:${port}`;
    const running = await GatewayProcess.start({
      executable: findExecutable(program) ?? program,
      args: await argsOf({ folder, address, port }),
      port: port ?? address,
      errorLogPath: join(folder, 'error.log'),
    });
    return {
      target: port === undefined ? `unix:${address}` : address,
      folder,
      stop: () => running.stop().finally(remove),
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
