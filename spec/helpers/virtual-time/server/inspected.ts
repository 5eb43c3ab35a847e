/** What an observer of a server sees while a scenario is played. */
import type { InspectEvent } from '../../../../lib/server/inspect/inspect-event.js';
import { play, type Play } from './virtual-server.js';

/** Plays a scenario. @returns the events of its connections. */
export function inspect(scenario: Play): InspectEvent[] {
  const events: InspectEvent[] = [];
  const options = { ...scenario.options, inspect: (event: InspectEvent) => events.push(event) };
  play({ failures: 'any', ...scenario, options });
  return events;
}

/** An event as a short line, without its text: `3 body 1000`. */
export function lineOf(event: InspectEvent): string {
  return [event.at, event.type, ...detailsOf(event)].join(' ');
}

function detailsOf(event: InspectEvent): unknown[] {
  switch (event.type) {
    case 'bytes-in':
    case 'bytes-out':
    case 'body':
    case 'chunk':
      return [event.bytes];
    case 'input-paused':
    case 'output-paused':
      return [event.paused, ...event.causes];
    case 'request':
      return [event.contentLength];
    case 'handler':
      return [event.state];
    case 'body-state':
      return [event.state, ...(event.by === undefined ? [] : [event.by])];
    case 'response':
      return [event.status, event.by];
    case 'end':
      return [event.how];
    case 'error':
      return [event.where, event.code, ...(event.offset === undefined ? [] : [event.offset])];
    case 'open':
    case 'close':
    case 'bytes-in-end':
    case 'body-end':
      return [];
    default:
      return event satisfies never;
  }
}
