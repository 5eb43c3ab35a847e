/** `fromRequestListener`: bodies, streams, cuts and clients that leave, on the `http.Server` of the runtime. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { Observable, Subject, firstValueFrom, of } from 'rxjs';
import { handleScgi } from '../../../dist/esm/index.js';
import { fromRequestListener } from '../../../dist/esm/node/index.js';
import { callHandler, requestBytes, textOf } from '../../../dist/esm/testing/index.js';

const call = async (listener, request) => {
  const { status, headers, body } = await firstValueFrom(callHandler(fromRequestListener(listener), request));
  return { status, headers, text: textOf(body) };
};

export const listenerCases = [
  [
    'fromRequestListener: gives a request and sends a response',
    async () => {
      const listener = ({ method, url, headers, socket }, response) => {
        response.writeHead(201, { 'X-A': headers['x-a'] });
        response.end(`${method} ${url} ${socket.remoteAddress}`);
      };
      const variables = { REMOTE_ADDR: '192.0.2.1' };
      const { status, headers, text } = await call(listener, {
        uri: '/x?y',
        headers: { 'X-A': 'b' },
        variables,
      });
      deepStrictEqual([status, headers.get('x-a'), text], [201, 'b', 'GET /x?y 192.0.2.1']);
    },
  ],
  [
    'fromRequestListener: streams a body of 3 MB both ways',
    async () => {
      const body = 'abc'.repeat(1_000_000);
      const { text } = await call((request, response) => void request.pipe(response), {
        method: 'POST',
        body,
      });
      ok(text === body);
    },
  ],
  [
    'fromRequestListener: sends what is written in several turns',
    async () => {
      const { text } = await call((_request, response) => {
        response.write('a');
        setTimeout(() => response.end('b'), 5);
      }, {});
      strictEqual(text, 'ab');
    },
  ],
  [
    'fromRequestListener: fails with what the listener throws',
    async () => {
      const failure = new Error('thrown');
      const thrown = await call(() => {
        throw failure;
      }, {}).catch((error) => error);
      strictEqual(thrown, failure);
    },
  ],
  [
    'fromRequestListener: closes the response of a client that leaves',
    async () => {
      const closed = new Subject();
      const begun = new Subject();
      const listener = (_request, response) => {
        response.on('close', () => closed.next('closed'));
        response.write('begun');
      };
      const source = new Observable((subscriber) =>
        of(requestBytes({})).subscribe((bytes) => subscriber.next(bytes)),
      );
      const leaving = firstValueFrom(closed);
      const sent = firstValueFrom(begun);
      const exchange = source.pipe(handleScgi(fromRequestListener(listener))).subscribe(() => begun.next());
      await sent;
      exchange.unsubscribe();
      strictEqual(await leaving, 'closed');
    },
  ],
];
