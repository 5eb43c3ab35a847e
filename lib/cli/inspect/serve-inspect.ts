/** Serves the live view of `rxscgi dev --inspect`: by this library's own server and gateway, for this machine alone. */
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EMPTY, catchError, filter, map, mergeMap, throwError, type Observable } from 'rxjs';
import { readProperty } from '../../core/errors/error-facts.js';
import { makeGateway } from '../../node/gateway/scgi-gateway.js';
import { serveScgi } from '../../node/serve-scgi.js';
import { CommandError, EXIT_FAILED } from '../command-error.js';
import { serveHttp } from '../commands/http-front.js';
import { inspectPage } from './inspect-page.js';
import type { InspectRecord } from './inspect-record.js';

/** A page that takes nothing meanwhile has its stream of events ended; it connects again. */
const MAX_QUEUED_BYTES = 8_388_608;
/** What all pages together may leave waiting, and so how many there may be. */
const MAX_QUEUED_BYTES_OF_ALL_PAGES = 67_108_864;
const MAX_PAGES = MAX_QUEUED_BYTES_OF_ALL_PAGES / MAX_QUEUED_BYTES;

const DRAIN_TIMEOUT_MS = 1000;

/**
 * Serves the page: cold; emits its URL once, and completes when it has drained.
 *
 *     stop:    -------------s
 *     result:  ---u----------|
 *
 * Requests must name `localhost` or an IP address: a page of another site whose name leads here gets 421.
 *
 * @param port - 0: any free one.
 * @param stop - tells it to drain; must replay.
 * Error notifications: CommandError when the port is in use.
 */
export function serveInspect(
  record: InspectRecord,
  port: number,
  stop: Observable<unknown>,
): Observable<string> {
  const options = {
    listen: '127.0.0.1:0',
    until: stop,
    maxQueuedBytes: MAX_QUEUED_BYTES,
    drainTimeoutMs: DRAIN_TIMEOUT_MS,
    onError: () => undefined,
  };
  return serveScgi(inspectPage(record, pageFolder(), MAX_PAGES), options).pipe(
    mergeMap((event) => {
      if (event.type !== 'listening') return EMPTY;
      const gateway = makeGateway(event.address, { allowedHosts: [] });
      return serveHttp(gateway, { host: '127.0.0.1', port, until: stop, drainTimeoutMs: DRAIN_TIMEOUT_MS });
    }),
    filter((event) => event.type === 'listening'),
    map(({ url }) => url),
    catchError((error: unknown) => throwError(() => (isInUse(error) ? portInUse(port) : error))),
  );
}

/** The files of the page are beside the command: dist/esm/cli/main.js, or a link to it. */
function pageFolder(): string {
  return join(dirname(realpathSync(process.argv[1] ?? '.')), 'inspect/page');
}

function isInUse(error: unknown): boolean {
  return readProperty(error, 'code') === 'EADDRINUSE';
}

function portInUse(port: number): CommandError {
  const message = `port ${port} is in use: choose another with --inspect=PORT, or any free one with --inspect=0`;
  return new CommandError(message, EXIT_FAILED);
}
