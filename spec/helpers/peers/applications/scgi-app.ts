/** An application: `serveScgi` on its own socket, with a handler that each case sets. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { filter, firstValueFrom, of, Subject, type Observable } from 'rxjs';
import type { ScgiHandler, ScgiResponse } from '../../../../lib/index.js';
import { serveScgi, type ServeOptions, type ServerEvent } from '../../../../lib/node/index.js';
import { createSharedFolder } from '../web-servers/peer.js';

export type Transport = 'TCP' | 'Unix';

export type AppOptions = Omit<ServeOptions, 'listen' | 'until'>;

type EventOf<T extends ServerEvent['type']> = Extract<ServerEvent, { type: T }>;

export class ScgiApp {
  /** The handler of the application. Each case sets its own. */
  handler: ScgiHandler = () => of({ status: 404 });

  private constructor(
    /** The address that it listens on: `127.0.0.1:4000`, `unix:/run/app.sock`. */
    readonly address: string,
    private readonly events: Observable<ServerEvent>,
    readonly stop: () => Promise<void>,
  ) {}

  static async start(transport: Transport, options: AppOptions = {}): Promise<ScgiApp> {
    const folder = await createSharedFolder();
    const events = new Subject<ServerEvent>();
    const listening = firstValueFrom(events.pipe(filter(isEvent('listening'))));
    // The workers of the web servers are not root: the mode of the socket lets them connect.
    const serving = serveScgi((request) => app.handler(request), {
      listen: transport === 'TCP' ? '127.0.0.1:0' : `unix:${join(folder, 'app.sock')}`,
      socketMode: 0o666,
      onError: () => undefined,
      ...options,
    }).subscribe(events);
    const app = new ScgiApp((await listening).address, events, async () => {
      serving.unsubscribe();
      await rm(folder, { recursive: true });
    });
    return app;
  }

  /** Answers every request with one response. */
  respond(response: ScgiResponse): void {
    this.handler = () => of(response);
  }

  /** Waits for the next event of a type. Call this before you cause the event. */
  next<T extends ServerEvent['type']>(type: T): Promise<EventOf<T>> {
    return firstValueFrom(this.events.pipe(filter(isEvent(type))));
  }
}

function isEvent<T extends ServerEvent['type']>(type: T): (event: ServerEvent) => event is EventOf<T> {
  return (event): event is EventOf<T> => event.type === type;
}
