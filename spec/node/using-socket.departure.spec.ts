/** A gateway that leaves before it has a response ends a pipeline by hand, as it ends an exchange of `serveScgi`. */
import type { Socket } from 'node:net';
import { NEVER, Subject, finalize, map, mergeMap, type Observable } from 'rxjs';
import {
  decodeScgi,
  encodeScgi,
  handleScgi,
  type ScgiHandler,
  type ScgiProtocolError,
} from '../../lib/index.js';
import { flowOf, fromSocket, usingSocket, writeTo } from '../../lib/node/index.js';
import { requestBytes } from '../../lib/testing/index.js';
import { expectNoProcessFaults } from '../helpers/faults/process-faults.js';
import { Log } from '../helpers/sockets/log.js';
import { cleanUpSockets, socketPair } from '../helpers/sockets/sockets.js';

expectNoProcessFaults();
cleanUpSockets();

const NGINX = { SERVER_SOFTWARE: 'nginx/1.22.1' };
const GET = requestBytes({ method: 'GET' });
/** More than is held: its socket is not read to the end. */
const UPLOAD = requestBytes({ method: 'POST', body: new Uint8Array(1_000_000) });

const PIPELINES: [string, (socket: Socket, handler: ScgiHandler) => Observable<never>][] = [
  [
    'usingSocket, with decodeScgi and encodeScgi',
    (socket, handler) =>
      usingSocket(socket, (bytes, flow) =>
        bytes.pipe(decodeScgi({ flow }), mergeMap(handler), encodeScgi({ flow })),
      ),
  ],
  [
    'usingSocket, with handleScgi',
    (socket, handler) => usingSocket(socket, (bytes, flow) => bytes.pipe(handleScgi(handler, { flow }))),
  ],
  [
    'fromSocket and writeTo',
    (socket, handler) =>
      fromSocket(socket).pipe(handleScgi(handler, { flow: flowOf(socket) }), writeTo(socket)),
  ],
];

const codeOf = (error: unknown) => String((error as Partial<ScgiProtocolError>).code);

describe.each(PIPELINES)('%s', (_name, serve) => {
  it.each([
    { what: 'after a GET of nginx, over TCP', kind: 'TCP', bytes: requestBytes({ variables: NGINX }) },
    { what: 'after a GET, over a Unix socket', kind: 'Unix', bytes: GET },
    { what: 'inside a body that is held, over a Unix socket', kind: 'Unix', bytes: UPLOAD },
  ] as const)('should unsubscribe the handler when the gateway leaves $what', async ({ kind, bytes }) => {
    const { gateway, socket } = await socketPair(kind);
    const steps = new Subject<string>();
    const handled = new Log(steps);
    const log = new Log(
      serve(socket, ({ signal }) => {
        signal.addEventListener('abort', () => steps.next(codeOf(signal.reason)));
        steps.next('called');
        return NEVER.pipe(finalize(() => steps.next('finalized')));
      }),
    );
    gateway.write(bytes);
    await handled.value((step) => step === 'called');
    gateway.socket.destroy();
    expect(await log.over()).toMatchObject({ code: 'ERR_SCGI_GATEWAY_GONE' });
    const all = ['called', 'finalized', 'ERR_SCGI_GATEWAY_GONE'];
    expect([[...handled.values].sort(), socket.destroyed]).toEqual([all.sort(), true]);
  });

  it('should go on after a FIN of a gateway that may still wait, over TCP', async () => {
    const { gateway, socket } = await socketPair('TCP');
    const ended = new Promise((resolve) => socket.once('end', resolve));
    const answer = new Subject<void>();
    const log = new Log(serve(socket, () => answer.pipe(map(() => ({ status: 204 })))));
    gateway.write(GET);
    gateway.end();
    await ended;
    answer.next();
    expect(await gateway.response()).toBe('Status: 204 No Content\r\n\r\n');
    expect(await log.over()).toBe('complete');
  });
});
