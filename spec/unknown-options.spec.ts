/** A misspelt option would be no option at all: every function that takes options refuses unknown ones. */
import { Socket } from 'node:net';
import {
  HttpError,
  decodeScgi,
  decodeScgiEvents,
  decodeScgiResponse,
  encodeScgi,
  encodeScgiEvents,
  encodeScgiRequest,
  handleScgi,
  html,
  idleTimeout,
  json,
  pullMap,
  serverSentEvents,
  text,
  type HandleOptions,
} from '../lib/index.js';
import { RequestReader, ResponseReader } from '../lib/core/index.js';
import {
  listen,
  scgiGateway,
  scgiRequest,
  serveScgi,
  usingSocket,
  writeTo,
  type ServeOptions,
} from '../lib/node/index.js';
import { callHandler, requestBytes } from '../lib/testing/index.js';

type Take = (options: object) => unknown;

const FUNCTIONS: Readonly<Record<string, Take>> = {
  decodeScgi,
  decodeScgiEvents,
  decodeScgiResponse,
  encodeScgi,
  encodeScgiEvents,
  encodeScgiRequest,
  idleTimeout: (options) => idleTimeout(1, options),
  handleScgi: (options) => handleScgi(() => [], options),
  serveScgi: (options) => serveScgi(() => [], { listen: '127.0.0.1:0', ...options }),
  listen: (options) => listen('127.0.0.1:0', options),
  scgiGateway: (options) => scgiGateway('127.0.0.1:1', options),
  scgiRequest: (options) => scgiRequest('127.0.0.1:1', options),
  writeTo: (options) => writeTo(new Socket(), options),
  usingSocket: (options) => usingSocket(new Socket(), (bytes) => bytes, options),
  pullMap: (options) => pullMap(() => [], options),
  RequestReader: (options) => new RequestReader(options),
  ResponseReader: (options) => new ResponseReader(options),
  callHandler: (options) => callHandler(() => [], {}, options),
  requestBytes,
  json: (options) => json(1, options),
  text: (options) => text('x', options),
  html: (options) => html('x', options),
  serverSentEvents: (options) => serverSentEvents([], options),
  HttpError: (options) => new HttpError(404, 'x', options),
};

describe.each(Object.entries(FUNCTIONS))('%s', (name, take) => {
  it.each<[object]>([[{ color: 1 }], [{ color: undefined }], [{ constructor: 1 }], [{ toString: 1 }]])(
    'should refuse %j, at the call',
    (options) => {
      const [unknown] = Object.keys(options);
      expect(() => take(options)).toThrow(TypeError);
      expect(() => take(options)).toThrow(`${name} has no option "${unknown}"`);
    },
  );

  it('should take no options', () => {
    expect(() => take({})).not.toThrow();
  });
});

it.each<[string, object, string]>([
  ['decodeScgi', { maxHeaderByte: 1 }, 'maxHeaderBytes'],
  ['decodeScgiEvents', { lenientDuplicate: true }, 'lenientDuplicates'],
  ['encodeScgi', { requestMethods: 'GET' }, 'requestMethod'],
  ['handleScgi', { bodyTimeout: 1 }, 'bodyTimeoutMs'],
  ['idleTimeout', { flaw: 1 }, 'flow'],
  ['serveScgi', { maxConection: 1 }, 'maxConnections'],
  ['listen', { socketmode: 1 }, 'socketMode'],
  ['writeTo', { lingerBites: 1 }, 'lingerBytes'],
  ['callHandler', { sent: 1 }, 'send'],
  ['requestBytes', { url: '/' }, 'uri'],
  ['json', { header: {} }, 'headers'],
  ['HttpError', { exposed: true }, 'expose'],
])('%s should say what %j probably means', (name, options, meant) => {
  expect(() => FUNCTIONS[name]!(options)).toThrow(`did you mean '${meant}'?`);
});

it('serveScgi should refuse the options that it sets itself', () => {
  expect(() => FUNCTIONS['serveScgi']!({ flow: undefined })).toThrow(TypeError);
  expect(() => FUNCTIONS['serveScgi']!({ requestMethod: 'HEAD' })).toThrow(TypeError);
});

it.each([null, 5, 'maxHeaders'])('should refuse options that are %p', (options) => {
  expect(() => decodeScgi(options as never)).toThrow(TypeError);
});

it('should take options that are inherited', () => {
  const defaults: HandleOptions = { maxHeaders: 1 };
  expect(() => handleScgi(() => [], Object.create(defaults) as HandleOptions)).not.toThrow();
  expect(() => decodeScgi(Object.create({ maxHeaderz: 1 }) as object)).toThrow(TypeError);
});

it('should be refused by the compiler, too', () => {
  // @ts-expect-error: the option is misspelt.
  const options: ServeOptions = { listen: '127.0.0.1:0', maxConection: 1 };
  expect(() => serveScgi(() => [], options)).toThrow(TypeError);
});
