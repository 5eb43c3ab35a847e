/** The engine where there is no Node.js: bundled for a bare context, it decodes and encodes. */
import { build } from 'esbuild';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';

/** Runs in the context; its last expression is the result. Strings of ISO-8859-1 stand for bytes on both sides. */
const SCRIPT = `
  const { decodeScgi, encodeScgi, concat, from, mergeMap, of, tap, toArray } = engine;
  const bytes = (text) => Uint8Array.from(text, (c) => c.charCodeAt(0));
  const text = (chunks) => chunks.map((chunk) => String.fromCharCode(...chunk)).join('');
  const result = {};

  from(pieces.map(bytes))
    .pipe(
      decodeScgi(),
      tap((request) => {
        result.method = request.method;
        result.path = request.path;
        result.host = request.headers.get('host');
        result.latin1 = request.variables.get('HTTP_X_LATIN1');
      }),
      mergeMap((request) =>
        request.body.pipe(
          toArray(),
          mergeMap((body) => {
            result.body = text(body);
            return of({ status: 201, headers: { 'X-Kind': 'é' }, body: concat(of('got '), from(body)) });
          }),
        ),
      ),
      encodeScgi(),
      toArray(),
    )
    .subscribe({
      next: (chunks) => (result.response = text(chunks)),
      error: (error) => (result.error = String(error)),
      complete: () => (result.complete = true),
    });
  JSON.stringify(result);
`;

const HEADERS = [
  ['CONTENT_LENGTH', '27'],
  ['SCGI', '1'],
  ['REQUEST_METHOD', 'POST'],
  ['REQUEST_URI', '/deepthought?x=1'],
  ['HTTP_HOST', 'example.org'],
  ['HTTP_X_LATIN1', '\xe9\x80'],
];
const block = HEADERS.map(([name, value]) => `${name}\0${value}\0`).join('');
const message = `${block.length}:${block},What is the answer to life?`;

describe('the engine without Node.js', () => {
  let bundle: string;

  beforeAll(async () => {
    const result = await build({
      stdin: {
        contents: "export * from './lib/index.js';\nexport * from 'rxjs';\n",
        resolveDir: join(__dirname, '../..'),
        loader: 'ts',
      },
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'engine',
      // No platform: an import of a module of Node.js fails the build.
      platform: 'neutral',
      target: 'es2022',
    });
    bundle = result.outputFiles[0]!.text;
  }, 60_000);

  /** What the Web has and ECMAScript has not: nothing of Node.js alone. */
  const webContext = (globals: object) =>
    createContext({ ...globals, Headers, ReadableStream, TextDecoder, TextEncoder, URL });

  it('should answer a request that comes in two pieces', () => {
    // Cut within the header block, at the byte e9.
    const cut = message.indexOf('\xe9');
    const context = webContext({ pieces: [message.slice(0, cut), message.slice(cut)] });
    for (const name of ['Buffer', 'process', 'require', 'global', 'setImmediate', 'setTimeout']) {
      expect([name, runInContext(`typeof ${name}`, context)]).toEqual([name, 'undefined']);
    }

    runInContext(bundle, context);
    const result: unknown = JSON.parse(String(runInContext(SCRIPT, context)));

    expect(result).toEqual({
      method: 'POST',
      path: '/deepthought',
      host: 'example.org',
      latin1: '\xe9\x80',
      body: 'What is the answer to life?',
      response: 'Status: 201 Created\r\nX-Kind: \xe9\r\n\r\ngot What is the answer to life?',
      complete: true,
    });
  });
});
