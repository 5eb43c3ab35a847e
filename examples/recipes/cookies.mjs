// Cookies: a page that remembers its theme, and counts visits.
//
//     npm install rxscgi rxjs cookie
//     npx rxscgi dev cookies.mjs
import { parseCookie, stringifySetCookie } from 'cookie';
import { map } from 'rxjs';
import { HttpError, html } from 'rxscgi';

const YEAR_S = 365 * 86_400;
const THEMES = ['light', 'dark'];

/** @type {import('rxscgi').AnyScgiHandler} */
export default function handle(request) {
  const cookies = parseCookie(request.headers.get('cookie') ?? '');
  switch (`${request.method} ${request.path}`) {
    case 'GET /':
      return show(cookies);
    case 'POST /theme':
      return request.text().pipe(map(choose));
    case 'POST /forget':
      return redirect(['theme', 'visits'].map((name) => set(name, '', 0)));
    default:
      throw new HttpError(404);
  }
}

function show({ theme, visits }) {
  // What a cookie says comes from the client: take only what is expected.
  const shown = THEMES.includes(theme) ? theme : THEMES[0];
  const count = Math.min(Number.parseInt(visits, 10) || 0, 999) + 1;
  const buttons = THEMES.map((each) => `<button name="theme" value="${each}">${each}</button>`).join(' ');
  const page = `<!doctype html>
<html lang="en">
<meta name="color-scheme" content="${shown}">
<title>Visits</title>
<p>Visit ${count}, in the ${shown} theme.</p>
<form method="post" action="/theme">${buttons}</form>
<form method="post" action="/forget"><button>Forget me</button></form>
</html>
`;
  return html(page, { headers: { 'Set-Cookie': set('visits', String(count)), 'Cache-Control': 'no-store' } });
}

function choose(form) {
  const theme = new URLSearchParams(form).get('theme');
  if (!THEMES.includes(theme)) throw new HttpError(422, `theme: ${THEMES.join(' or ')}`, { expose: true });
  return redirect([set('theme', theme)]);
}

/** Sends the browser back to the page. Each item of an array becomes a field of its own, as Set-Cookie needs. */
function redirect(cookies) {
  return { status: 303, headers: { Location: '/', 'Set-Cookie': cookies } };
}

function set(name, value, maxAge = YEAR_S) {
  return stringifySetCookie({ name, value, maxAge, path: '/', httpOnly: true, sameSite: 'lax' });
}
