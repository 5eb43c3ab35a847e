/** Makes events of a log from the events of a gateway. */
import type { GatewayEvent } from '../../node/gateway/gateway-event.js';
import type { HttpRequest } from '../../node/gateway/http/http-request.js';
import type { LogEvent, LoggedRequest } from './request-facts.js';

/** Returns the event as a server would report it, so that a gateway has the same log. */
export function logEventOf(event: GatewayEvent): LogEvent {
  return { ...event, request: loggedRequest(event.request) };
}

function loggedRequest({ socket, method = '', url, httpVersion }: HttpRequest): LoggedRequest {
  const variables = new Map([['SERVER_PROTOCOL', `HTTP/${httpVersion}`]]);
  if (url !== undefined) variables.set('REQUEST_URI', url);
  return { remoteAddress: socket.remoteAddress, method, variables };
}
