/** Runs the recipe of docs/recipes/observability.md that traces requests, with OpenTelemetry's own SDK, in memory. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { EMPTY, firstValueFrom, map, of, timer } from 'rxjs';
import type { AnyScgiHandler, ScgiHandler, ScgiResponse } from '../../../lib/index.js';
import { callHandler, type TestRequest } from '../../../lib/testing/index.js';
import { describeWith } from '../../helpers/describe-with.js';
import { INSTALLED, PACKAGES, loadRecipe } from '../../helpers/docs/recipes.js';
import { cleanUpSockets } from '../../helpers/sockets/sockets.js';
import { TestServer } from '../../helpers/sockets/test-server.js';

cleanUpSockets();

interface Span {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly status: { readonly code: number };
  readonly events: readonly unknown[];
  readonly parentSpanContext?: { readonly spanId: string };
  spanContext(): { readonly traceId: string; readonly spanId: string };
}

/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access --
   the packages are not installed where the types are checked */
describeWith(INSTALLED, 'examples/recipes/tracing.mjs', () => {
  let spans: () => Span[];
  let traced: (handler: AnyScgiHandler) => ScgiHandler;
  let handler: AnyScgiHandler;
  let reset: () => void;

  beforeAll(() => {
    const load = createRequire(join(PACKAGES, 'package.json'));
    const api = load('@opentelemetry/api');
    const sdk = load('@opentelemetry/sdk-trace-base');
    const { AsyncLocalStorageContextManager } = load('@opentelemetry/context-async-hooks');
    const { W3CTraceContextPropagator } = load('@opentelemetry/core');
    const exporter = new sdk.InMemorySpanExporter();
    const provider = new sdk.BasicTracerProvider({ spanProcessors: [new sdk.SimpleSpanProcessor(exporter)] });
    api.trace.setGlobalTracerProvider(provider);
    api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    api.propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    ({ traced, default: handler } = loadRecipe('tracing.mjs') as never);
    spans = () => exporter.getFinishedSpans() as Span[];
    reset = () => void exporter.reset();
  });
  beforeEach(() => reset());

  const ask = (request: TestRequest, asked = handler) =>
    firstValueFrom(callHandler(asked, request)).catch((error: unknown) => error);

  it('should make a span of the request, and one of the step within it', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await ask({ uri: '/report?x', headers: { traceparent }, variables: { REMOTE_ADDR: '192.0.2.1' } });
    const [step, request] = spans();
    expect([step?.name, request?.name]).toEqual(['load the report', 'GET']);
    expect(request?.attributes).toEqual({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'url.path': '/report',
      'url.scheme': 'http',
      'client.address': '192.0.2.1',
    });
    expect(request?.spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(request?.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
    expect(step?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
  });

  it('should know what an error is answered with', async () => {
    await ask({ uri: '/nowhere' });
    expect(
      await ask(
        { uri: '/' },
        traced(() => EMPTY),
      ),
    ).toMatchObject({ code: 'ERR_SCGI_NO_RESPONSE' });
    const failing = traced(() => {
      throw new Error('broken');
    });
    await ask({ uri: '/' }, failing);
    const seen = spans().map(({ attributes, status }) => [
      attributes['http.response.status_code'],
      status.code,
    ]);
    expect([seen[0], seen.at(-1)]).toEqual([
      [404, 0],
      [500, 2],
    ]);
    expect(spans().at(-1)?.events).toHaveLength(1);
  });

  it('should put all methods that it does not know under one name', async () => {
    for (const method of ['BREW', 'WHEN']) await ask({ method, uri: '/report' });
    expect(new Set(spans().map(({ name }) => name))).toEqual(new Set(['load the report', '_OTHER']));
  });

  it('should end a span when the client leaves, and not before', async () => {
    const endless = traced(() => of<ScgiResponse>({ body: timer(0, 1).pipe(map((count) => String(count))) }));
    const server = new TestServer(endless);
    const client = await server.send({ uri: '/' });
    await client.received((text) => text.includes('12'));
    expect(spans()).toEqual([]);
    client.socket.resetAndDestroy();
    expect(await server.event('response')).toMatchObject({ aborted: true });
    expect(spans().map(({ name }) => name)).toEqual(['GET']);
  });
});
