// An API for programs: each has a token, which it sends as `Authorization: Bearer TOKEN`.
//
//     npm install rxscgi rxjs
//     TOKENS=backup:one-long-secret,monitor:another npx rxscgi dev auth.mjs
//     curl http://127.0.0.1:8080/whoami -H 'Authorization: Bearer one-long-secret'
import { createHash, timingSafeEqual } from 'node:crypto';
import { HttpError, json } from 'rxscgi';

const sha256 = (value) => createHash('sha256').update(value).digest();

/** Each client's name, and the hash of its token: hashes have one length, as `timingSafeEqual` requires. */
const clients = (process.env.TOKENS ?? '')
  .split(',')
  .filter((entry) => entry.includes(':'))
  .map((entry) => {
    const colon = entry.indexOf(':');
    return { name: entry.slice(0, colon), hash: sha256(entry.slice(colon + 1)) };
  });

/** Returns the client that the request comes from, or undefined. */
function clientOf({ headers }) {
  const [, token] = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '') ?? [];
  if (token === undefined) return undefined;
  const given = sha256(token);
  return clients.find(({ hash }) => timingSafeEqual(hash, given));
}

/**
 * Lets only known clients reach a handler, which gets the client as its second argument.
 *
 * @returns {import('rxscgi').AnyScgiHandler}
 */
function authenticated(handler) {
  return (request) => {
    const client = clientOf(request);
    if (client === undefined)
      throw new HttpError(401, undefined, { headers: { 'WWW-Authenticate': 'Bearer' } });
    return handler(request, client);
  };
}

export default authenticated((request, client) => {
  if (request.path === '/whoami') return json({ name: client.name });
  throw new HttpError(404);
});
