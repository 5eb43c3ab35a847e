/** Compares docs/reference/options.md with the options that the code verifies. */
import { PassThrough } from 'node:stream';
import * as rxjs from 'rxjs';
import * as rxscgi from '../../lib/index.js';
import * as node from '../../lib/node/index.js';
import { verifyServeOptions } from '../../lib/system/serving/serve-options.js';
import { readPage } from '../helpers/docs/snippets.js';

/** The options of docs/reference/options.md: each name with its default, in the order of the page. */
const documented = Array.from(
  readPage('docs/reference/options.md').matchAll(
    /^### `(\w+)`\n\n(.+?) · (?:default: (.+?)|required) · (`.+`)$/gm,
  ),
  ([, name = '', , value = 'required', functions = '']) => [name, value, functions] as const,
);

/** Options whose default is not a plain value, or that the server sets itself. */
const OTHERS = [
  'allowedHosts',
  'answer',
  'concurrency',
  'concurrent',
  'connectTimeoutMs',
  'flow',
  'headers',
  'heartbeatMs',
  'listen',
  'maxBufferedBody',
  'maxResponseHeadBytes',
  'maxWaitingCalls',
  'inspect',
  'onError',
  'onListening',
  'requestMethod',
  'retryMs',
  'scheduler',
  'signal',
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

  it.each(documented)('should name the functions that accept %s', (name, _value, functions) => {
    const accepting = Object.keys(FUNCTIONS).filter((key) => accepts(FUNCTIONS[key]!, name));
    const named = Array.from(functions.matchAll(/`(\w+)`/g), ([, key]) => key!);
    expect(named.sort()).toEqual(accepting.sort());
  });

  it('should describe the options that have no plain default', () => {
    expect(documented.map(([name]) => name)).toEqual(expect.arrayContaining(OTHERS));
  });
});

/** Each function that the page may name, called with options. */
const FUNCTIONS: Record<string, (options: object) => unknown> = {
  decodeScgi: (options) => rxscgi.decodeScgi(options),
  decodeScgiEvents: (options) => rxscgi.decodeScgiEvents(options),
  decodeScgiResponse: (options) => rxscgi.decodeScgiResponse(options),
  encodeScgi: (options) => rxscgi.encodeScgi(options),
  encodeScgiEvents: (options) => rxscgi.encodeScgiEvents(options),
  encodeScgiRequest: (options) => rxscgi.encodeScgiRequest(options),
  handleScgi: (options) => rxscgi.handleScgi(() => [], options),
  idleTimeout: (options) => rxscgi.idleTimeout(1000, options),
  pullMap: (options) => rxscgi.pullMap(() => [], options),
  serverSentEvents: (options) => rxscgi.serverSentEvents(rxjs.NEVER, options),
  listen: (options) => node.listen('127.0.0.1:0', options),
  scgiClient: (options) => node.scgiClient('127.0.0.1:1', options),
  scgiFetch: (options) => node.scgiFetch('127.0.0.1:1', options),
  scgiGateway: (options) => node.scgiGateway('127.0.0.1:1', options),
  scgiRequest: (options) => node.scgiRequest('127.0.0.1:1', options),
  serveScgi: (options) => node.serveScgi(() => [], { listen: '127.0.0.1:0', ...options }),
  usingSocket: (options) => node.usingSocket(new PassThrough(), () => rxjs.NEVER, options),
  writeTo: (options) => node.writeTo(new PassThrough(), options),
};

/** Whether a function has an option. It refuses names that it does not know, at the call. */
function accepts(call: (options: object) => unknown, name: string): boolean {
  try {
    call({ [name]: undefined });
    return true;
  } catch (error) {
    return !/ has no option /.test(String(error));
  }
}

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
