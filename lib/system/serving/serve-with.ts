/** `serveScgi` over the sockets of any runtime. */
import type { Observable } from 'rxjs';
import { verifyHandler } from '../../operators/engine-options.js';
import type { AnyScgiHandler } from '../../operators/types.js';
import { GuardedEvents } from '../../server/guarded-events.js';
import type { ServerEvent } from '../../server/server-event.js';
import { Server } from '../../server/server.js';
import { printApplicationError, printError } from './print-error.js';
import { verifyServeOptions, type ServeOptions, type ServeSettings } from './serve-options.js';
import { SystemRuntime, type OpenAddresses } from './system-runtime.js';

/**
 * Verifies what `serveScgi` was given, and makes the Observable that serves.
 *
 * @param opening - returns how the addresses are opened, with the verified options.
 * @throws RangeError | TypeError naming what is wrong.
 */
export function serveWith(
  opening: (settings: ServeSettings) => OpenAddresses,
  handler: AnyScgiHandler,
  options: ServeOptions,
): Observable<ServerEvent> {
  const verified = verifyServeOptions(options);
  verifyHandler(handler);
  const onError = options.onError ?? printApplicationError;
  const settings = { ...verified, handle: { ...verified.handle, onError } };
  const open = opening(settings);
  return new GuardedEvents(printError, (subscriber) => {
    const server = new Server(handler, settings, new SystemRuntime(open), subscriber);
    server.start();
    return () => server.abort();
  });
}
