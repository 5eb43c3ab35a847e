/** Where a request goes: to which mount, and where a local redirect leads. RFC 3875 §6.2.2 */
import { decodePath, type RequestTarget } from './gateway-variables.js';
import { pathOf, type RequestFacts } from './http/http-request.js';

/**
 * Returns where the application is mounted, or `undefined` when the path is not one of its own.
 *
 * @param mount - the option, in the normal form of paths; empty without one: then it is where a router has mounted the gateway.
 */
export function mountOf(uri: string, mount: string, { routedBelow }: RequestFacts): string | undefined {
  const own = mount || routedBelow.replace(/\/$/, '');
  if (own === '' || uri === '*') return own;
  const decoded = decodePath(own);
  const path = decodePath(pathOf(uri));
  return path === decoded || path.startsWith(`${decoded}/`) ? own : undefined;
}

/** Returns what a local redirect makes of a request: a GET without a body. `undefined` when it leads out of the mount. */
export function redirectedTarget(
  { method, redirectedFrom }: RequestTarget,
  location: string,
  mount: string,
  facts: RequestFacts,
): RequestTarget | undefined {
  const uri = location.replace(/#.*$/, '');
  const own = mountOf(uri, mount, facts);
  if (own === undefined) return undefined;
  return {
    method: method === 'HEAD' ? method : 'GET',
    uri,
    mount: own,
    bodyLength: 0,
    redirectedFrom: redirectedFrom ?? decodePath(pathOf(facts.uri)),
  };
}
