/** Compares docs/reference/options.md with the options that the code verifies. */
import * as rxjs from 'rxjs';
import { verifyServeOptions } from '../../lib/system/serve-options.js';
import { readPage } from '../helpers/docs/snippets.js';

/** The options of docs/reference/options.md: each name with its default, in the order of the page. */
const documented = Array.from(
  readPage('docs/reference/options.md').matchAll(
    /^### `(\w+)`\n\n(.+?) · (?:default: (.+?)|required) · (`.+`)$/gm,
  ),
  ([, name = '', , value = 'required']) => [name, value] as const,
);

/** Options whose default is not a plain value, or that the server sets itself. */
const OTHERS = [
  'allowedHosts',
  'answer',
  'concurrency',
  'connectTimeoutMs',
  'flow',
  'heartbeatMs',
  'listen',
  'maxBufferedBody',
  'maxResponseHeadBytes',
  'maxWaitingCalls',
  'inspect',
  'onError',
  'requestMethod',
  'retryMs',
  'scheduler',
  'socketGroup',
  'socketOwner',
  'unreadTimeoutMs',
  'trustProxy',
  'until',
  'variables',
  'uploadTimeoutMs',
];

describe('docs/reference/options.md', () => {
  it('should describe each option once, with its unit, its default and the functions that accept it', () => {
    const headings = [...readPage('docs/reference/options.md').matchAll(/^### /gm)];
    expect(documented).toHaveLength(headings.length);
    expect(new Set(documented.map(([name]) => name)).size).toBe(documented.length);
  });

  it('should give the defaults that serveScgi has', () => {
    const { handle, write, addresses, access, until, inspect, ...serve } = verifyServeOptions({
      listen: '127.0.0.1:0',
    });
    const { limits, flow, maxCollectedBytes, scheduler, onError, ...rest } = handle;
    expect([addresses.length, until, flow, inspect, maxCollectedBytes]).toEqual([
      1,
      undefined,
      undefined,
      undefined,
      16_777_216,
    ]);
    expect([access.uid, access.gid]).toEqual([undefined, undefined]);
    expect([scheduler, typeof onError]).toEqual([rxjs.asyncScheduler, 'function']);
    const defaults: Record<string, unknown> = {
      ...limits,
      ...rest,
      ...write,
      ...serve,
      socketMode: access.mode,
    };
    const shown = documented
      .filter(([name]) => !OTHERS.includes(name))
      .map(([name, value]) => [name, readDefault(value)]);
    expect(Object.fromEntries(shown)).toEqual(defaults);
  });

  it('should describe the options that have no plain default', () => {
    expect(documented.map(([name]) => name)).toEqual(expect.arrayContaining(OTHERS));
  });
});

/** Reads a default as the page writes it; where `serveScgi` has one of its own, that one. */
function readDefault(text: string): unknown {
  const value = /, and (.+) in `serveScgi`$/.exec(text)?.[1] ?? text;
  if (value === 'none') return '';
  if (value === 'no limit') return Infinity;
  if (value.startsWith("'")) return value.slice(1, -1);
  if (value === 'true' || value === 'false') return value === 'true';
  if (/^[a-z]+$/.test(value)) return value;
  return Number(value.replaceAll(' ', ''));
}
