/** How a pipeline by hand closes its socket: at once where its flow knows that the request is over. */
import { once } from 'node:events';
import {
  NEVER,
  Subject,
  finalize,
  lastValueFrom,
  map,
  merge,
  mergeMap,
  type Observable,
  type OperatorFunction,
} from 'rxjs';
import {
  decodeScgi,
  encodeScgi,
  errorAnswer,
  handleScgi,
  type Flow,
  type HandleOptions,
} from '../../lib/index.js';
import { usingSocket } from '../../lib/node/index.js';
import { requestBytes } from '../../lib/testing/index.js';
import { cleanUpSockets, socketPair } from '../helpers/sockets/sockets.js';

cleanUpSockets();

const RESPONSE = { status: 204 };

/** Both pipelines by hand. */
const PIPELINES: [
  string,
  (options: Pick<HandleOptions, 'flow'>) => OperatorFunction<Uint8Array, Uint8Array>,
][] = [
  [
    'decodeScgi',
    (options) => (bytes) =>
      bytes.pipe(
        decodeScgi(options),
        map(() => RESPONSE),
        encodeScgi(options),
      ),
  ],
  ['handleScgi', (options) => handleScgi(() => RESPONSE, options)],
];

describe.each(PIPELINES)('%s', (_name, pipeline) => {
  it.each([
    { what: 'close a Unix socket after a GET', kind: 'Unix', method: 'GET', withFlow: true, closes: true },
    { what: 'close a Unix socket after a HEAD', kind: 'Unix', method: 'HEAD', withFlow: true, closes: true },
    { what: 'wait for FIN after a POST', kind: 'Unix', method: 'POST', withFlow: true, closes: false },
    { what: 'wait for FIN over TCP', kind: 'TCP', method: 'GET', withFlow: true, closes: false },
    { what: 'wait for FIN without a flow', kind: 'Unix', method: 'GET', withFlow: false, closes: false },
  ] as const)('should $what', async ({ kind, method, withFlow, closes }) => {
    const { gateway, socket } = await socketPair(kind);
    const steps: string[] = [];
    usingSocket(socket, (bytes, flow) => bytes.pipe(pipeline(withFlow ? { flow } : {}))).subscribe({
      complete: () => steps.push('complete'),
    });
    gateway.write(requestBytes({ method }));
    expect(await gateway.response()).toBe('Status: 204 No Content\r\n\r\n');
    expect(socket.destroyed).toBe(closes);
    gateway.end();
    if (!socket.closed) await once(socket, 'close');
    expect(steps).toEqual(['complete']);
  });
});

describe('usingSocket, given a finalizer that throws', () => {
  const fails = () => {
    throw new Error('finalizer');
  };

  it('should cut the connection when it is unsubscribed', async () => {
    const { socket } = await socketPair('TCP');
    const failing = usingSocket(socket, () => NEVER.pipe(finalize(fails))).subscribe();
    expect(() => failing.unsubscribe()).toThrow('finalizer');
    expect(socket.destroyed).toBe(true);
  });

  it('should still answer an error of the handler, and complete', async () => {
    const { gateway, socket } = await socketPair('TCP');
    const handled = new Subject<never>();
    const closed = lastValueFrom(
      usingSocket(socket, (bytes, flow) =>
        bytes.pipe(
          decodeScgi({ flow }),
          mergeMap(() => merge(handled, NEVER.pipe(finalize(fails)))),
          encodeScgi({ flow, answer: errorAnswer }),
        ),
      ),
      { defaultValue: 'completed' },
    );
    gateway.write(requestBytes());
    await once(socket, 'data');
    expect(() => handled.error(new Error('handler'))).toThrow('finalizer');
    expect(await gateway.response()).toMatch(/^Status: 500 /);
    gateway.end();
    expect(await closed).toBe('completed');
  });
});

it.each([
  ['it has the rest', {}],
  ['it has the rest, which is no surplus', { lingerBytes: 0 }],
])('should leave an upload that is answered early, and read until %s', async (_what, options) => {
  for (const kind of ['Unix', 'TCP'] as const) {
    const { gateway, socket } = await socketPair(kind);
    const steps: string[] = [];
    const using = (bytes: Observable<Uint8Array>, flow: Flow): Observable<Uint8Array> =>
      bytes.pipe(
        decodeScgi({ flow }),
        finalize(() => steps.push('left')),
        map(() => ({ status: 204 })),
        encodeScgi({ flow }),
      );
    usingSocket(socket, using, options).subscribe({ complete: () => steps.push('complete') });
    const request = requestBytes({ method: 'POST', body: 'x'.repeat(8_000_000) });
    gateway.write(request);
    expect(await gateway.response()).toBe('Status: 204 No Content\r\n\r\n');
    expect(steps).toEqual(['left']);
    gateway.end();
    if (!socket.closed) await once(socket, 'close');
    expect(socket.bytesRead).toBe(request.length);
    expect(gateway.error).toBeUndefined();
    expect(steps).toEqual(['left', 'complete']);
  }
});
