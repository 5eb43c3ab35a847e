/** Compiles the program of docs/recipes/typescript.md, and runs it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { of } from 'rxjs';
import type { ScgiHandler } from '../../../lib/index.js';
import { handleScgi } from '../../../lib/operators/handle-scgi.js';
import { requestBytes, responseOf, textOf, type TestRequest } from '../../../lib/testing/index.js';
import { RECIPES, recipe } from '../../helpers/docs/recipes.js';
import { typeErrorsOf } from '../../helpers/docs/snippets.js';

const NAME = 'typed-api.ts';

it('should compile', () => {
  const code = readFileSync(join(RECIPES, NAME), 'utf8');
  expect(typeErrorsOf([{ language: 'ts', page: NAME, line: 1, code }])).toEqual([]);
}, 120_000);

describe('examples/recipes/typed-api.ts', () => {
  const handler = recipe(NAME, { TOKEN: 'one' }) as ScgiHandler;

  /** What a client gets: status, JSON, and some fields. */
  function call(method: string, uri: string, more: TestRequest = {}) {
    const chunks: Uint8Array[] = [];
    const headers = { Authorization: 'Bearer one' };
    of(requestBytes({ method, uri, headers, ...more }))
      .pipe(handleScgi(handler))
      .subscribe((chunk) => chunks.push(chunk));
    const { status, headers: fields, body } = responseOf(chunks);
    expect(fields.get('content-type')).toBe('application/json');
    const text = textOf(body);
    return [
      status,
      text === '' ? undefined : (JSON.parse(text) as unknown),
      ...['allow', 'www-authenticate', 'location'].flatMap((name) => fields.get(name) ?? []),
    ];
  }

  it('should add, list and show a task', () => {
    const task = { id: 1, title: 'Milk', done: false };
    expect(call('POST', '/tasks', { body: '{"title":"Milk"}' })).toEqual([201, task, '/tasks/1']);
    expect(call('GET', '/tasks')).toEqual([200, [task]]);
    expect(call('GET', '/tasks/1')).toEqual([200, task]);
    expect(call('HEAD', '/tasks/1')).toEqual([200, undefined]);
  });

  it.each([
    ['not JSON', 400, 'the body is not JSON'],
    ['null', 422, 'title: a text'],
    ['[]', 422, 'title: a text'],
    ['{"title":"","done":1}', 422, 'title: a text; done: true or false'],
  ])('should say in JSON what is wrong with %s', (body, status, error) => {
    expect(call('POST', '/tasks', { body })).toEqual([status, { error }]);
  });

  it('should refuse in JSON, with the fields that belong to it', () => {
    expect(call('GET', '/nowhere')).toEqual([404, { error: 'Not Found' }]);
    expect(call('GET', '/tasks/9')).toEqual([404, { error: 'there is no task 9' }]);
    expect(call('PUT', '/tasks')).toEqual([405, { error: 'Method Not Allowed' }, 'GET, POST']);
    expect(call('GET', '/tasks', { headers: {} })).toEqual([401, { error: 'Unauthorized' }, 'Bearer']);
  });
});
