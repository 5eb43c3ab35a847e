/** Runs a program of the documentation on free addresses, until the end of the test. */
import { join } from 'node:path';
import * as rxjs from 'rxjs';
import type { ScgiHandler } from '../../../lib/index.js';
import * as rxscgi from '../../../lib/index.js';
import * as node from '../../../lib/node/index.js';
import { runSnippet, type Snippet } from './snippets.js';
import { afterwards, temporaryFolder } from '../sockets/sockets.js';

export interface ServedSnippet {
  /** The address that it listens on. */
  readonly address: string;
  /** What it passes to `console.log` and `console.error`. */
  readonly logged: readonly unknown[];
}

/**
 * Runs a snippet that serves.
 *
 * @param wanted - picks the address to return. Default: the first.
 * @param modules - what it imports besides RxJS and this package.
 */
export async function serveSnippet(
  snippet: Snippet,
  wanted: (address: string) => boolean = () => true,
  modules: Readonly<Record<string, unknown>> = {},
): Promise<ServedSnippet> {
  const logged: unknown[] = [];
  const log = (...values: unknown[]): void => {
    logged.push(values.length === 1 ? values[0] : values);
  };
  const address = await new Promise<string>((resolve) => {
    const bound = (each: string): void => {
      if (wanted(each)) resolve(each);
    };
    const imported = { rxjs, rxscgi, 'rxscgi/node': nodeOn(bound), ...modules };
    runSnippet(snippet, imported, { console: { log, error: log } });
  });
  return { address, logged };
}

/** `rxscgi/node` on free addresses; `bound` is called with each of them. */
function nodeOn(bound: (address: string) => void): Record<string, unknown> {
  const folder = temporaryFolder();
  const ended = new rxjs.Subject<void>();
  afterwards(() => ended.next());
  const free = (address: string): string =>
    address.startsWith('unix:') ? `unix:${join(folder, 'app.sock')}` : '127.0.0.1:0';
  return {
    ...node,
    // A group of this process in place of the web server's: only root may choose another one.
    serveScgi: (handler: ScgiHandler, { listen, socketGroup, ...options }: node.ServeOptions) =>
      node
        .serveScgi(handler, {
          ...options,
          listen: [listen].flat().map(free),
          socketGroup: socketGroup === undefined ? undefined : process.getgid?.(),
        })
        .pipe(
          rxjs.tap((event) => {
            if (event.type === 'listening') bound(event.address);
          }),
          rxjs.takeUntil(ended),
        ),
    listen: (address: string) =>
      node.listen(free(address), { onListening: bound }).pipe(rxjs.takeUntil(ended)),
  };
}
