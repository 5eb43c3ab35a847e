/** Runs examples/express, examples/hono and examples/nestjs, with the packages of spec/frameworks. */
import type { ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { requestBytes, responseOf, textOf, type TestRequest } from '../../lib/testing/index.js';
import { ROOT, requireBuild } from '../helpers/command/build.js';
import { addressIn, spawnServe } from '../helpers/command/serve-process.js';
import { TestGateway, cleanUpSockets } from '../helpers/sockets/sockets.js';

cleanUpSockets();

const MODULES = join(ROOT, 'spec/frameworks/node_modules');
const JSON_FIELDS = { 'Content-Type': 'application/json' };

/** A copy of an example where its packages are; TypeScript is compiled. */
function installed(example: string): string {
  const folder = join(MODULES, '.examples', example.split('/')[0]!);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const source = join(ROOT, 'examples', example);
  const target = join(folder, basename(example).replace(/\.ts$/, '.mjs'));
  if (!example.endsWith('.ts')) cpSync(source, target);
  else writeFileSync(target, compiled(readFileSync(source, 'utf8')));
  return target;
}

function compiled(source: string): string {
  const { ESNext: module } = ts.ModuleKind;
  const { ES2023: target } = ts.ScriptTarget;
  const compilerOptions = { module, target, experimentalDecorators: true, emitDecoratorMetadata: true };
  return ts.transpileModule(source, { compilerOptions }).outputText;
}

interface ExampleSite {
  /** Sends a request, and does not wait. */
  readonly open: (request: TestRequest) => Promise<TestGateway>;
  /** A whole exchange: status, fields, and the body, which is JSON if there is one. */
  readonly ask: (request: TestRequest) => Promise<{ status: number; headers: Headers; value: unknown }>;
}

/** Describes `specs` of a served example; skipped where the frameworks are not installed, unless they must be. */
function describeExample(example: string, specs: (site: ExampleSite) => void): void {
  if (!existsSync(MODULES) && process.env.RXSCGI_PEERS !== 'required') {
    process.stderr.write(
      `skipped, since the frameworks are not installed (npm ci --prefix spec/frameworks): ${example}\n`,
    );
    it.skip(`should run examples/${example}`, () => undefined);
    return;
  }
  describe(`examples/${example}`, () => {
    let child: ChildProcess | undefined;
    let address = '';
    beforeAll(async () => {
      requireBuild();
      child = spawnServe(installed(example), { WORD_EVERY_MS: '5' });
      address = await addressIn(child);
    });
    afterAll(() => child?.kill('SIGKILL'));

    const open = async (request: TestRequest): Promise<TestGateway> => {
      const gateway = await TestGateway.connect(address);
      gateway.write(requestBytes(request));
      return gateway;
    };
    specs({
      open,
      ask: async (request) => {
        const gateway = await open(request);
        const { status, headers, body } = responseOf(Buffer.from(await gateway.response(), 'latin1'));
        gateway.end();
        return {
          status,
          headers,
          value: body.length > 0 ? (JSON.parse(textOf(body)) as unknown) : undefined,
        };
      },
    });
  });
}

describeExample('express/app.mjs', ({ ask }) => {
  const post = (body: string): TestRequest => ({ method: 'POST', uri: '/notes', headers: JSON_FIELDS, body });

  it('should keep notes', async () => {
    const note = { id: 1, text: 'buy milk' };
    const made = await ask(post('{"text":"buy milk"}'));
    expect(made).toMatchObject({ status: 201, value: note });
    expect(made.headers.get('location')).toMatch(/^http:\/\/[^/]+\/notes\/1$/);
    expect(made.headers.getSetCookie()).toEqual(['last=1; Path=/; HttpOnly']);
    expect(await ask({ uri: '/notes/1' })).toMatchObject({ status: 200, value: note });
    expect(await ask({ uri: '/notes' })).toMatchObject({ status: 200, value: [note] });
    expect(await ask({ uri: '/notes/2' })).toMatchObject({ status: 404 });
  });

  it('should refuse what is no note', async () => {
    expect(await ask(post('{"text":7}'))).toMatchObject({ status: 422 });
  });
});

describeExample('hono/app.mjs', ({ ask, open }) => {
  const listening = async (): Promise<unknown> =>
    ((await ask({ uri: '/' })).value as { listening: number }).listening;

  it('should send its words, one after the other', async () => {
    const gateway = await open({ uri: '/answer' });
    await gateway.received((text) => text.includes('data: The\n'));
    expect(await gateway.response()).toMatch(/^X-Accel-Buffering: no\r$[^]*data: unsubscribing\.\n\n$/im);
    while ((await listening()) !== 0);
  });

  it('should stop when nobody listens any more', async () => {
    const gateway = await open({ uri: '/answer' });
    await gateway.received((text) => text.includes('data: The\n'));
    expect(await listening()).toBe(1);
    gateway.socket.resetAndDestroy();
    while ((await listening()) !== 0);
  });
});

describeExample('nestjs/main.ts', ({ ask, open }) => {
  const uri = '/temperature';
  const post = (celsius: number): TestRequest => ({
    ...{ method: 'POST', uri, headers: JSON_FIELDS },
    body: JSON.stringify({ celsius }),
  });

  it('should answer through its interceptor', async () => {
    expect(await ask({ uri })).toMatchObject({ status: 200, value: { celsius: 20, fahrenheit: 68 } });
  });

  it('should send an event for each reading', async () => {
    const gateway = await open({ uri: `${uri}/events` });
    await gateway.received((text) => text.includes('data: {"celsius":20}'));
    expect(await ask(post(25))).toMatchObject({ status: 201 });
    await gateway.received((text) => text.includes('data: {"celsius":25}'));
    gateway.socket.resetAndDestroy();
    expect(await ask({ uri })).toMatchObject({ value: { fahrenheit: 77 } });
  });
});
