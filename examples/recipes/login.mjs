// Notes of users who log in. The session is in a signed cookie, so that any worker on any machine can check it.
//
//     npm install rxscgi rxjs cookie
//     SECRET=$(openssl rand -hex 32) npx rxscgi dev login.mjs
//     curl -c jar http://127.0.0.1:8080/login --json '{"user":"ada","password":"swordfish"}'
//     curl -b jar http://127.0.0.1:8080/notes --json '{"text":"Call Charles"}'
import { createHmac, randomBytes, scrypt, scryptSync, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { parseCookie, stringifySetCookie } from 'cookie';
import { map, mergeMap } from 'rxjs';
import { HttpError, json } from 'rxscgi';

const DAY_S = 86_400;
// Without SECRET, sessions end with the process; several processes need the same one.
const SECRET = process.env.SECRET ?? randomBytes(32);
const IS_SECURE = process.env.NODE_ENV === 'production';

const derive = promisify(scrypt);

/** In a real application, a table of a database. */
const users = new Map([['ada', { salt: 'a1b2', hash: scryptSync('swordfish', 'a1b2', 32) }]]);
const notes = [];

/** @type {import('rxscgi').AnyScgiHandler} */
export default function handle(request) {
  switch (`${request.method} ${request.path}`) {
    case 'POST /login':
      return bodyOf(request).pipe(mergeMap(logIn));
    case 'POST /logout':
      return { status: 204, headers: { 'Set-Cookie': sessionCookie('', 0) } };
    case 'GET /notes': {
      const user = userOf(request);
      return json(notes.filter((note) => note.user === user));
    }
    case 'POST /notes': {
      const user = userOf(request);
      return bodyOf(request).pipe(
        map((body) => {
          const note = { user, text: textIn(body, 'text', 1000) };
          notes.push(note);
          return json(note, { status: 201 });
        }),
      );
    }
    default:
      throw new HttpError(404);
  }
}

async function logIn(body) {
  const name = textIn(body, 'user', 50);
  const password = textIn(body, 'password', 100);
  // A user who does not exist takes as long, so that the time does not tell who does.
  const user = users.get(name) ?? { salt: 'none', hash: Buffer.alloc(32) };
  if (!timingSafeEqual(await derive(password, user.salt, 32), user.hash)) throw new HttpError(403);
  const value = `${name}.${nowS() + DAY_S}`;
  const cookie = sessionCookie(`${value}.${sign(value).toString('base64url')}`, DAY_S);
  return json({ user: name }, { headers: { 'Set-Cookie': cookie } });
}

/** Returns the user of the request. @throws HttpError 401 */
function userOf({ headers }) {
  const { session = '' } = parseCookie(headers.get('cookie') ?? '');
  const [, value, expires, signature] = /^(\w+\.(\d+))\.([\w-]+)$/.exec(session) ?? [];
  if (value === undefined || Number(expires) < nowS()) throw unauthorized();
  const [given, right] = [Buffer.from(signature, 'base64url'), sign(value)];
  if (given.length !== right.length || !timingSafeEqual(given, right)) throw unauthorized();
  return value.slice(0, value.indexOf('.'));
}

/** HTTP demands that a 401 names a scheme. None is registered for cookies; a browser asks for no password when it does not know one. */
function unauthorized() {
  return new HttpError(401, 'log in first', { expose: true, headers: { 'WWW-Authenticate': 'Cookie' } });
}

/** The body, as JSON. A form of another site cannot send this type. @throws HttpError 415 */
function bodyOf(request) {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json *(;|$)/i.test(type)) throw new HttpError(415);
  return request.json();
}

/** Returns a text of the body. @throws HttpError 422, whose message the client reads. */
function textIn(body, key, maxLength) {
  const value = body?.[key];
  if (typeof value === 'string' && value !== '' && value.length <= maxLength) return value;
  throw new HttpError(422, `${key}: a text of 1 to ${maxLength} characters`, { expose: true });
}

function sessionCookie(value, maxAge) {
  const attributes = { path: '/', httpOnly: true, sameSite: 'lax', secure: IS_SECURE };
  return stringifySetCookie({ name: 'session', value, maxAge, ...attributes });
}

function sign(value) {
  return createHmac('sha256', SECRET).update(value).digest();
}

function nowS() {
  return Math.floor(Date.now() / 1000);
}
