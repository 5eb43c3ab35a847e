/** Runs the recipes of docs/recipes/http-apis.md: a JSON API, tokens, CORS, cookies and a login. */
import { firstValueFrom } from 'rxjs';
import type { AnyScgiHandler } from '../../../lib/index.js';
import { callHandler, textOf, type TestRequest } from '../../../lib/testing/index.js';
import { describeWith } from '../../helpers/describe-with.js';
import { INSTALLED, recipe } from '../../helpers/docs/recipes.js';

const JSON_FIELDS = { 'Content-Type': 'application/json' };

/** Asks a handler; an error that it fails with is what would be answered. */
function client(handler: AnyScgiHandler) {
  return async (method: string, uri: string, more: TestRequest = {}) => {
    try {
      const { status, headers, body } = await firstValueFrom(callHandler(handler, { method, uri, ...more }));
      return { status, headers, text: textOf(body) };
    } catch (error) {
      const fault = error as {
        status: number;
        expose?: boolean;
        code?: string;
        headers?: [string, string][];
      };
      return { ...fault, headers: new Headers(fault.headers), text: '' };
    }
  };
}

const bodyOf = (value: unknown, headers = {}): TestRequest => ({
  body: typeof value === 'string' ? value : JSON.stringify(value),
  headers: { ...JSON_FIELDS, ...headers },
});

describe('examples/recipes/json-api.mjs', () => {
  const call = client(recipe('json-api.mjs'));
  const task = { title: 'žluť', done: false, id: 1 };

  it('should add, list, show, change and remove a task', async () => {
    const added = await call('POST', '/tasks', bodyOf({ title: 'žluť' }));
    expect(added).toMatchObject({ status: 201, text: JSON.stringify(task) });
    expect(added.headers.get('location')).toBe('/tasks/1');
    expect(await call('GET', '/tasks')).toMatchObject({ status: 200, text: JSON.stringify([task]) });
    expect(await call('GET', '/tasks?done=true')).toMatchObject({ text: '[]' });
    expect(await call('PATCH', '/tasks/1', bodyOf({ done: true }))).toMatchObject({
      text: JSON.stringify({ ...task, done: true }),
    });
    expect(await call('HEAD', '/tasks/1')).toMatchObject({ status: 200, text: '' });
    expect(await call('DELETE', '/tasks/1')).toMatchObject({ status: 204 });
    expect(await call('GET', '/tasks/1')).toMatchObject({ status: 404 });
  });

  it.each([null, [], 7, {}, { title: 7 }, { title: '' }, { title: 'x'.repeat(201) }])(
    'should say what is wrong with body %#',
    async (body) => {
      expect(await call('POST', '/tasks', bodyOf(body))).toMatchObject({ status: 422, expose: true });
    },
  );

  it('should refuse what it does not have', async () => {
    expect(await call('POST', '/tasks', bodyOf('not JSON'))).toMatchObject({
      status: 400,
      code: 'ERR_SCGI_BODY_JSON',
    });
    expect(await call('GET', '/nowhere')).toMatchObject({ status: 404 });
    const refused = await call('PUT', '/tasks/1');
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, PATCH, DELETE']);
    await call('POST', '/tasks', bodyOf({ title: 'x' }));
    expect(await call('PATCH', '/tasks/2', bodyOf({ title: 'y', done: 'yes' }))).toMatchObject({
      status: 422,
    });
    expect((await call('GET', '/tasks/2')).text).toContain('"title":"x"');
  });
});

describe('examples/recipes/auth.mjs', () => {
  const call = client(recipe('auth.mjs', { TOKENS: 'backup:one:with:colons,monitor:another,broken' }));
  const whoami = (authorization: string) =>
    call('GET', '/whoami', { headers: { Authorization: authorization } });

  it('should know each client by its token', async () => {
    expect(await whoami('Bearer another')).toMatchObject({ status: 200, text: '{"name":"monitor"}' });
    expect(await whoami('bearer  one:with:colons')).toMatchObject({ text: '{"name":"backup"}' });
  });

  it.each([
    '',
    'Bearer',
    'Bearer ',
    'Bearer wrong',
    'Basic another',
    'another',
    'Bearer another x',
    'Bearer broken',
  ])('should refuse %j', async (authorization) => {
    const { status, headers } = await whoami(authorization);
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  });

  it('should refuse a request without the field, and everybody while there are no tokens', async () => {
    expect(await call('GET', '/whoami')).toMatchObject({ status: 401 });
    const closed = client(recipe('auth.mjs'));
    const headers = { Authorization: 'Bearer undefined' };
    expect(await closed('GET', '/whoami', { headers })).toMatchObject({ status: 401 });
  });
});

describe('examples/recipes/cors.mjs', () => {
  const KNOWN = 'https://app.example.com';
  const ALLOWED = 'access-control-allow-origin';
  const call = client(recipe('cors.mjs', { ORIGINS: `https://other.example,${KNOWN}` }));

  it.each([
    ['/time', 200],
    ['/nowhere', 404],
  ])('should let a known site read %s', async (uri, status) => {
    const reply = await call('GET', uri, { headers: { Origin: KNOWN } });
    expect([reply.status, reply.headers.get(ALLOWED), reply.headers.get('vary')]).toEqual([
      status,
      KNOWN,
      'Origin',
    ]);
  });

  it.each(['https://evil.example', `${KNOWN}.evil.example`, 'null', ''])(
    'should not let %j read anything',
    async (Origin) => {
      const reply = await call('GET', '/time', { headers: { Origin } });
      expect([reply.status, reply.headers.get(ALLOWED), reply.headers.get('vary')]).toEqual([
        200,
        null,
        'Origin',
      ]);
    },
  );

  it('should answer what a browser asks first', async () => {
    const ask = (Origin: string) =>
      call('OPTIONS', '/time', { headers: { Origin, 'Access-Control-Request-Method': 'PUT' } });
    const known = await ask(KNOWN);
    expect([known.status, known.headers.get(ALLOWED)]).toEqual([204, KNOWN]);
    expect(known.headers.get('access-control-allow-methods')).toContain('PUT');
    const stranger = await ask('https://evil.example');
    expect([stranger.status, [...stranger.headers.keys()]]).toEqual([204, ['vary']]);
  });
});

describeWith(INSTALLED, 'examples/recipes/cookies.mjs', () => {
  const visit = (cookie: string) =>
    client(recipe('cookies.mjs'))('GET', '/', { headers: { Cookie: cookie } });

  it('should count visits, and show the theme that was chosen', async () => {
    const first = await visit('');
    expect(first.text).toContain('Visit 1, in the light theme.');
    expect(first.headers.getSetCookie()).toEqual([
      'visits=1; Max-Age=31536000; Path=/; HttpOnly; SameSite=Lax',
    ]);
    expect((await visit('visits=1; theme=dark')).text).toContain('Visit 2, in the dark theme.');
  });

  it('should take nothing else from a cookie', async () => {
    expect((await visit('visits=<script>; theme=<script>')).text).toContain('Visit 1, in the light theme.');
    expect((await visit('visits=99999999999')).text).toContain('Visit 1000,');
    expect((await visit('visits=%; __proto__=x; =; ;')).status).toBe(200);
  });

  it('should set and remove several', async () => {
    const call = client(recipe('cookies.mjs'));
    const chosen = await call('POST', '/theme', { body: 'theme=dark' });
    expect([chosen.status, chosen.headers.getSetCookie().length]).toEqual([303, 1]);
    expect(await call('POST', '/theme', { body: 'theme=pink' })).toMatchObject({ status: 422 });
    const { headers } = await call('POST', '/forget');
    expect(headers.getSetCookie()).toEqual([
      'theme=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax',
      'visits=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax',
    ]);
  });
});

describeWith(INSTALLED, 'examples/recipes/login.mjs', () => {
  const call = client(INSTALLED.length === 0 ? recipe('login.mjs') : () => ({}));
  const login = async () => {
    const { headers } = await call('POST', '/login', bodyOf({ user: 'ada', password: 'swordfish' }));
    expect(headers.get('set-cookie')).toMatch(/; HttpOnly; SameSite=Lax$/);
    return headers.get('set-cookie')!.split(';')[0]!;
  };
  const notes = (cookie: string) => call('GET', '/notes', { headers: { Cookie: cookie } });

  it('should keep notes for those who have logged in', async () => {
    const cookie = await login();
    expect(await call('POST', '/notes', bodyOf({ text: 'Call Charles' }, { Cookie: cookie }))).toMatchObject({
      status: 201,
    });
    expect((await notes(`theme=dark; ${cookie}`)).text).toBe('[{"user":"ada","text":"Call Charles"}]');
    const { status, headers } = await call('POST', '/logout');
    expect([status, headers.get('set-cookie')]).toEqual([
      204,
      expect.stringContaining('session=; Max-Age=0'),
    ]);
  });

  it('should refuse everybody else, also with a cookie of their own making', async () => {
    const [user, expires, signature] = (await login()).split('=')[1]!.split('.');
    const forged = [
      `eve.${expires}.${signature}`,
      `ada.9999999999.${signature}`,
      `${user}.${expires}.`,
      `${user}.${expires}.${signature}x`,
      `ada.1.${signature}`,
      '',
      '..',
    ];
    for (const each of forged) {
      const refused = await notes(`session=${each}`);
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Cookie']);
    }
    expect(await call('POST', '/notes', bodyOf({ text: 'x' }))).toMatchObject({ status: 401 });
    for (const name of ['ada', 'eve', '__proto__'])
      expect(await call('POST', '/login', bodyOf({ user: name, password: 'guess' }))).toMatchObject({
        status: 403,
      });
  });

  it('should refuse a session that has expired', async () => {
    const cookie = await login();
    const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 86_402_000);
    expect(await notes(cookie)).toMatchObject({ status: 401 });
    now.mockRestore();
    expect(await notes(cookie)).toMatchObject({ status: 200 });
  });

  it('should refuse what a form of another site can send, and what is no note', async () => {
    const cookie = await login();
    const form = { body: '{"text":"x"}', headers: { 'Content-Type': 'text/plain', Cookie: cookie } };
    expect(await call('POST', '/notes', form)).toMatchObject({ status: 415 });
    for (const body of [null, [], {}, { text: 7 }, { text: '' }, { text: 'x'.repeat(1001) }])
      expect(await call('POST', '/notes', bodyOf(body, { Cookie: cookie }))).toMatchObject({ status: 422 });
  });
});
