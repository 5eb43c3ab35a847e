/** A request and its response through real sockets: the other direction in front of the answering one. */
import { connect, type Socket } from 'node:net';
import { finalize, firstValueFrom, from, interval, map, mergeMap, of, take, type Observable } from 'rxjs';
import {
  decodeScgiResponse,
  encodeScgiRequest,
  type ScgiHandler,
  type ScgiIncomingResponse,
  type ScgiRequestInit,
} from '../../lib/index.js';
import { flowOf, fromSocket } from '../../lib/node/index.js';
import { expectNoProcessFaults } from '../helpers/faults/process-faults.js';
import { cleanUpSockets } from '../helpers/sockets/sockets.js';
import { ScgiApp } from '../helpers/peers/applications/scgi-app.js';

expectNoProcessFaults();
cleanUpSockets();

const CHUNKS = 200;

let app: ScgiApp;
beforeEach(async () => (app = await ScgiApp.start('TCP')));
afterEach(() => app.stop());

/** Calls the application, without half-closing, as gateways do. */
function call(handler: ScgiHandler, request: ScgiRequestInit): Observable<ScgiIncomingResponse> {
  app.handler = handler;
  const socket: Socket = connect({
    port: Number(app.address.split(':')[1]),
    host: '127.0.0.1',
    allowHalfOpen: true,
  });
  const flow = flowOf(socket);
  const sending = of(request)
    .pipe(encodeScgiRequest({ flow }))
    .subscribe((bytes) => socket.write(bytes));
  return fromSocket(socket).pipe(
    decodeScgiResponse({ flow }),
    finalize(() => {
      sending.unsubscribe();
      socket.destroy();
    }),
  );
}

const textOf = (response: ScgiIncomingResponse) => response.text().pipe(map((text) => ({ response, text })));

describe('encodeScgiRequest and decodeScgiResponse, in front of serveScgi', () => {
  it('should call a handler, and receive its response', async () => {
    const hello: ScgiHandler = ({ method, path, headers }) =>
      of({
        status: 201,
        headers: { 'Set-Cookie': ['a=1', 'b=2'] },
        body: `${method} ${path} ${headers.get('x-a')}`,
      });
    const { response, text } = await firstValueFrom(
      call(hello, { method: 'PUT', uri: '/you?q', headers: { 'X-A': 'b' }, body: 'x' }).pipe(
        mergeMap(textOf),
      ),
    );
    expect([response.status, response.statusText, text]).toEqual([201, 'Created', 'PUT /you b']);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it('should stream both ways', async () => {
    const upload = Array.from({ length: CHUNKS }, (_, index) => String(index % 10).repeat(10_000));
    const { text } = await firstValueFrom(
      call(({ body }) => of({ body }), { body: from(upload), contentLength: CHUNKS * 10_000 }).pipe(
        mergeMap(textOf),
      ),
    );
    expect(text === upload.join('')).toBe(true);
  });

  it('should unsubscribe the handler when the caller leaves', async () => {
    const released = new Promise<void>((resolve) => {
      const endless: ScgiHandler = () =>
        of({
          body: interval(1).pipe(
            map((count) => `${count}`),
            finalize(() => resolve()),
          ),
        });
      call(endless, {})
        .pipe(
          mergeMap(({ body }) => body),
          take(3),
        )
        .subscribe();
    });
    await released;
  });

  it('should notice a response that is cut short', async () => {
    const cut: ScgiHandler = () => of({ headers: { 'Content-Length': '10' }, body: ['abc'] });
    const result = firstValueFrom(call(cut, {}).pipe(mergeMap(textOf)));
    await expect(result).rejects.toMatchObject({
      code: expect.stringMatching(
        /^(ERR_SCGI_RESPONSE_TRUNCATED|ECONNRESET|ERR_SCGI_GATEWAY_GONE)$/,
      ) as unknown,
    });
  });
});
