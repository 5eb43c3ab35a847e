/** Names the place of an error in the application, as the log does. */
import type { InspectEvent } from '../../server/inspect/inspect-event.js';
import { placesOf } from '../log/error-text.js';

/** An event as the page gets it. */
export type PlacedEvent = InspectEvent & {
  /** Of an error: `lib/db.mjs:3:9`. */
  readonly place?: string;
};

/** Replaces the stack of an error by its first place in the application: the page needs no more. */
export function withPlace(event: InspectEvent): PlacedEvent {
  if (event.type !== 'error' || !event.frames) return event;
  const { frames, ...rest } = event;
  const [place] = placesOf(frames);
  return { ...rest, ...(place !== undefined && { place }) };
}
