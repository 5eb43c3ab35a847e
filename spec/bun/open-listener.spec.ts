/** Which sockets of Bun are taken for sockets of TCP: those alone can be reset. */
import { merge } from 'rxjs';
import type { BunListenOptions, BunSocket } from '../../lib/bun/bun-api.js';
import { openListener } from '../../lib/bun/open-listener.js';
import type { Address } from '../../lib/server/address.js';

const nothing = (): void => undefined;

/** A socket as Bun gives it to a listener. */
function socketOf({ data }: BunListenOptions, localPort: number | undefined): BunSocket {
  return {
    ...{ data, localPort, remoteAddress: '', write: () => 0, setKeepAlive: () => true },
    ...{
      pause: nothing,
      resume: nothing,
      shutdown: nothing,
      end: nothing,
      close: nothing,
      terminate: nothing,
    },
  };
}

/** Listens on the addresses, connects with these local ports to each of them in turn, and returns what the sockets are taken for. */
function kindsOf(...addresses: [address: Address, localPorts: (number | undefined)[]][]): boolean[][] {
  const listeners: BunListenOptions[] = [];
  const listen = (options: BunListenOptions): unknown => {
    listeners.push(options);
    return { hostname: '127.0.0.1', port: 4000, stop: nothing };
  };
  const kinds: boolean[][] = addresses.map(() => []);
  const accept = (index: number) => (transport: { readonly canAbort: boolean }) => {
    kinds[index]?.push(transport.canAbort);
  };
  (globalThis as { Bun?: unknown }).Bun = { listen };
  const access = { mode: undefined, owner: undefined, group: undefined } as never;
  const listening = merge(
    ...addresses.map(([address], index) => openListener(address, index, access, accept(index))),
  ).subscribe();
  const most = Math.max(...addresses.map(([, ports]) => ports.length));
  for (let turn = 0; turn < most; turn++) {
    addresses.forEach(([, ports], index) => {
      const options = listeners[index] as BunListenOptions;
      if (turn < ports.length) options.socket.open(socketOf(options, ports[turn]));
    });
  }
  listening.unsubscribe();
  return kinds;
}

describe('openListener of Bun', () => {
  afterEach(() => {
    delete (globalThis as { Bun?: unknown }).Bun;
  });

  it('should know sockets of TCP by the address, when the first one has lost its port', () => {
    const address: Address = { kind: 'tcp', host: '127.0.0.1', port: 0 };
    expect(kindsOf([address, [undefined, 4000]])).toEqual([[true, true]]);
  });

  it('should decide for each listener', () => {
    expect(
      kindsOf(
        [{ kind: 'abstract', name: 'a' }, [undefined, undefined]],
        [{ kind: 'tcp', host: '127.0.0.1', port: 0 }, [4000, 4000]],
      ),
    ).toEqual([
      [false, false],
      [true, true],
    ]);
  });
});
