/** The server's events for programs that watch from outside, such as tracers. */
import { channel } from 'node:diagnostics_channel';
import type { ServerEvent } from '../server/server-event.js';

/** Subscribe with `diagnostics_channel.subscribe('rxscgi:request', (event) => …)`. */
const requests = channel('rxscgi:request');

/** Publishes what concerns a request: its `request`, `response` and `failure` events, as they are. */
export function publishEvent(event: ServerEvent): void {
  if (!requests.hasSubscribers) return;
  if (event.type === 'request' || event.type === 'response' || event.type === 'failure')
    requests.publish(event);
}
