/** Makers of the responses that every backend needs: JSON, text and HTML. */
import type { ResponseHeaders } from '../../core/events.js';
import { verifyOptionNames, type OptionNames } from '../../core/options.js';
import { isObservable } from 'rxjs';
import { readProperty } from '../../core/errors/error-facts.js';
import { invalid } from '../../core/response/response-fields.js';
import { quoted } from '../../core/text/quoted.js';
import type { ScgiResponse } from '../types.js';

/** Status and headers of a response; 200 without other headers by default. */
export type ScgiResponseInit = Pick<ScgiResponse, 'status' | 'headers'>;

const RESPONSE_INIT: OptionNames<ScgiResponseInit> = { status: true, headers: true };

/**
 * Makes a response of JSON: `application/json`, unless `init` has another `Content-Type`.
 *
 *     const handle = (request) => request.json().pipe(map((order) => json({ id: save(order) }, { status: 201 })));
 *
 * @param value - any value that `JSON.stringify` turns into text.
 * @param init - status and headers.
 * @throws TypeError when there is no JSON for the value: `undefined`, a function, a circular object, a BigInt; and for an Observable
 * or a Promise, whose value has to be waited for.
 * @example
 * ```ts
 * import { json, type ScgiHandler } from 'rxscgi';
 * import { map } from 'rxjs';
 *
 * export const handler: ScgiHandler = (request) =>
 *   request.json<{ name: string }>().pipe(map(({ name }) => json({ hello: name }, { status: 201 })));
 * ```
 */
export function json(value: unknown, init: ScgiResponseInit = {}): ScgiResponse {
  verifyIsThere('json', value);
  const body: string | undefined = JSON.stringify(value);
  if (body === undefined)
    throw new TypeError(`json() takes a value that JSON can express, not ${quoted(value)}`);
  return made('json', body, 'application/json', init);
}

/**
 * Makes a response of plain text in UTF-8, unless `init` has another `Content-Type`.
 *
 * @param body - the text.
 * @param init - status and headers.
 * @throws TypeError when the body is not a string.
 * @example
 * ```ts
 * import { text, type ScgiHandler } from 'rxscgi';
 * import { of } from 'rxjs';
 *
 * export const handler: ScgiHandler = ({ method }) =>
 *   of(method === 'GET' ? text('Hello\n') : text('No\n', { status: 405, headers: { Allow: 'GET' } }));
 * ```
 */
export function text(body: string, init: ScgiResponseInit = {}): ScgiResponse {
  return made('text', checkedText('text', body), 'text/plain; charset=utf-8', init);
}

/**
 * Makes a response of HTML in UTF-8, unless `init` has another `Content-Type`. Nothing is escaped.
 *
 * @param body - the document.
 * @param init - status and headers.
 * @throws TypeError when the body is not a string.
 * @example
 * ```ts
 * import { html, type ScgiHandler } from 'rxscgi';
 * import { of } from 'rxjs';
 *
 * export const handler: ScgiHandler = () => of(html('<!doctype html><title>Hello</title><p>Hello'));
 * ```
 */
export function html(body: string, init: ScgiResponseInit = {}): ScgiResponse {
  return made('html', checkedText('html', body), 'text/html; charset=utf-8', init);
}

function checkedText(name: string, body: unknown): string {
  if (typeof body === 'string') return body;
  verifyIsThere(name, body);
  throw new TypeError(`${name}() takes a string, not ${quoted(body)}`);
}

/** @throws TypeError for what has no value yet. The methods of a fetch `Request` return Promises, and ours return Observables. */
function verifyIsThere(name: string, value: unknown): void {
  if (isObservable(value))
    throw new TypeError(
      `${name}() takes a value, not an Observable of one: source.pipe(map((value) => ${name}(value))), or await firstValueFrom(source)`,
    );
  if (typeof readProperty(value, 'then') === 'function')
    throw new TypeError(`${name}() takes a value, not a Promise of one: await it`);
}

function made(of: string, body: string, contentType: string, init: ScgiResponseInit): ScgiResponse {
  verifyOptionNames(of, init, RESPONSE_INIT);
  const { status, headers = {} } = init;
  const fields = headersWith([['Content-Type', contentType]], headers);
  return { ...(status !== undefined && { status }), headers: fields, body };
}

/** Joins headers, and those of a maker that are not among them. */
export function headersWith(
  defaults: readonly (readonly [string, string])[],
  headers: ResponseHeaders,
): (readonly [string, string])[] {
  const fields = [...pairsOf(headers)];
  const given = new Set(fields.map(([name]) => name.toLowerCase()));
  return [...defaults.filter(([name]) => !given.has(name.toLowerCase())), ...fields];
}

function* pairsOf(headers: ResponseHeaders): Generator<[string, string]> {
  if (typeof headers !== 'object' || (headers as unknown) === null)
    throw invalid('`headers` must be an object or pairs');
  if (Symbol.iterator in headers) {
    for (const [name, value] of headers as Iterable<readonly [string, string]>) yield [name, value];
    return;
  }
  for (const [name, value] of Object.entries(headers)) {
    if (Array.isArray(value)) for (const each of value as string[]) yield [name, each];
    // Whatever it is: the head is checked as a whole, and the error then names the field.
    else yield [name, value as string];
  }
}
