/** Arguments of a wrong type: the error is one of ours, which says what was expected, not one that the engine makes on the way. */
import { of } from 'rxjs';
import {
  RequestWriter,
  ResponseWriter,
  ScgiError,
  ScgiLimitError,
  ScgiProtocolError,
  ScgiUsageError,
} from '../lib/core/index.js';
import {
  HttpError,
  clientRedirect,
  createFlow,
  encodeScgiEvents,
  encodeScgiRequest,
  errorAnswer,
  localRedirect,
} from '../lib/index.js';
import { flowOf, fromSocket, scgiRequest, serveScgi, trustedProxies, writeTo } from '../lib/node/index.js';
import { callHandler, cut, requestBytes, responseOf } from '../lib/testing/index.js';

type Call = (value: never) => unknown;

/** What a program without types can do with the abstract class. */
const AnyScgiError = ScgiError as unknown as new (message: never) => Error;

const CALLS: Readonly<Record<string, Call>> = {
  'clientRedirect(value)': clientRedirect,
  'clientRedirect(url, value)': (value) => clientRedirect('/a', value),
  'clientRedirect(url, status, value)': (value) => clientRedirect('/a', 302, value),
  'clientRedirect(url, status, { headers: [value] })': (value) =>
    clientRedirect('/a', 302, { headers: [value] }),
  'localRedirect(value)': localRedirect,
  'createFlow(value)': createFlow,
  'createFlow({ draining: value })': (draining) => createFlow({ draining }),
  'flowOf(value)': flowOf,
  'fromSocket(value)': (value) => thrownBy(fromSocket(value)),
  'writeTo(value)': (value) => thrownBy(of(new Uint8Array(1)).pipe(writeTo(value))),
  'serveScgi(handler, value)': (value) => serveScgi(() => ({}), value),
  'trustedProxies(value)': trustedProxies,
  'trustedProxies([value])': (value) => trustedProxies([value]),
  'scgiRequest(value)': scgiRequest,
  'scgiRequest(target, value)': (value) => scgiRequest('127.0.0.1:1', value),
  'encodeScgiRequest of value': (value) => thrownBy(of<never>(value).pipe(encodeScgiRequest())),
  'encodeScgiRequest of { uri: value }': (uri) => thrownBy(of({ uri }).pipe(encodeScgiRequest())),
  'encodeScgiRequest of { method: value }': (method) => thrownBy(of({ method }).pipe(encodeScgiRequest())),
  'encodeScgiRequest of { headers: value }': (headers) => thrownBy(of({ headers }).pipe(encodeScgiRequest())),
  'encodeScgiRequest of { headers: { a: value } }': (a) =>
    thrownBy(of({ headers: { a } }).pipe(encodeScgiRequest())),
  'encodeScgiRequest of { variables: value }': (variables) =>
    thrownBy(of({ variables }).pipe(encodeScgiRequest())),
  'encodeScgiRequest of { variables: { A: value } }': (A) =>
    thrownBy(of({ variables: { A } }).pipe(encodeScgiRequest())),
  'encodeScgiEvents of value': (value) => thrownBy(of<never>(value).pipe(encodeScgiEvents())),
  'RequestWriter.send(value)': (value) => new RequestWriter().send(value),
  'RequestWriter.writeHead({ variables: value })': (variables) =>
    new RequestWriter().writeHead({ variables }),
  'ResponseWriter.send(value)': (value) => new ResponseWriter().send(value),
  'requestBytes({ uri: value })': (uri) => requestBytes({ uri }),
  'requestBytes({ method: value })': (method) => requestBytes({ method }),
  'requestBytes({ headers: value })': (headers) => requestBytes({ headers }),
  'requestBytes({ headers: { a: value } })': (a) => requestBytes({ headers: { a } }),
  'requestBytes({ variables: value })': (variables) => requestBytes({ variables }),
  'requestBytes({ variables: { A: value } })': (A) => requestBytes({ variables: { A } }),
  'callHandler(handler, { uri: value })': (uri) => callHandler(() => ({}), { uri }),
  'cut(value)': cut,
  'cut(bytes, value)': (value) => cut(new Uint8Array(9), value),
  'responseOf(value)': responseOf,
  'new ScgiError(value)': (value) => new AnyScgiError(value),
  'new ScgiProtocolError(value)': (value) => new ScgiProtocolError(value, 'a', 0),
  'new ScgiProtocolError(code, value)': (value) => new ScgiProtocolError('ERR_SCGI_HEADERS_ODD', value, 0),
  'new ScgiProtocolError(code, message, value)': (value) =>
    new ScgiProtocolError('ERR_SCGI_HEADERS_ODD', 'a', [value][0]),
  'new ScgiProtocolError(code, message, offset, value)': (value) =>
    new ScgiProtocolError('ERR_SCGI_HEADERS_ODD', 'a', 0, value),
  'new ScgiLimitError(value)': (value) => new ScgiLimitError(value, 'a', 0, 0),
  'new ScgiLimitError(code, value)': (value) => new ScgiLimitError('ERR_SCGI_IDLE_TIMEOUT', value, 0, 0, 0),
  'new ScgiUsageError(value)': (value) => new ScgiUsageError(value, 'a'),
  'new ScgiUsageError(code, value)': (value) => new ScgiUsageError('ERR_SCGI_NO_FLOW', value),
  'new HttpError(value)': (value) => new HttpError(value),
  'new HttpError(status, value)': (value) => new HttpError(500, value),
  'new HttpError(status, message, value)': (value) => new HttpError(500, 'a', value),
  'new HttpError(status, message, { headers: value })': (headers) => new HttpError(500, 'a', { headers }),
};

const VALUES: Readonly<Record<string, unknown>> = {
  null: null,
  'a number': -5.5,
  'a symbol': Symbol('a'),
  'a function': () => 1,
  'an object without a prototype': Object.assign(Object.create(null) as object, { uri: Symbol('a') }),
};

/** What is right, or is looked at later: when the response or the request goes out. */
const TAKEN: Readonly<Record<string, string>> = {
  'clientRedirect(url, status, value)': 'an object without a prototype',
  'scgiRequest(target, value)': 'an object without a prototype',
  'new ScgiProtocolError(code, message, value)': 'a number',
  'new ScgiProtocolError(code, message, offset, value)': 'an object without a prototype',
};

/** How engines complain about what they were not made for. */
const BY_ENGINE =
  /^Cannot |is not a function|is not iterable|\(reading |\(intermediate value\)|not a constructor/;

describe('an argument of a wrong type', () => {
  it.each(
    Object.entries(CALLS).flatMap(([call, run]) =>
      Object.entries(VALUES)
        .filter(([kind]) => TAKEN[call] !== kind)
        .map(([kind, value]) => [call, kind, run, value] as const),
    ),
  )('%s should be refused in our words when it is %s', (_call, _kind, run, value) => {
    let error: unknown;
    try {
      run(value as never);
    } catch (thrown) {
      error = thrown;
    }
    expect(['TypeError', 'RangeError', 'ScgiUsageError']).toContain((error as Error | undefined)?.name);
    expect((error as Error).message).not.toMatch(BY_ENGINE);
  });

  it('the code of an error must be one of its class, which has a status', () => {
    for (const code of ['ERR_SCGI_HEADERS_ODD', 'constructor', 'ERR_MINE'])
      expect(() => new ScgiUsageError(code as never, 'a')).toThrow(
        `"${code}" is not a code of ScgiUsageError`,
      );
  });

  it.each([null, undefined, {}])('errorAnswer should take %p for a context that says nothing', (context) => {
    expect(errorAnswer(new Error('boom'), context as never)).toMatchObject({ status: 500 });
  });
});

/** Throws what an Observable notifies of at once. */
function thrownBy(source: { subscribe(observer: { error(error: unknown): void }): unknown }): void {
  let failure: { readonly error: unknown } | undefined;
  source.subscribe({ error: (error: unknown) => (failure = { error }) });
  if (failure) throw failure.error;
}
