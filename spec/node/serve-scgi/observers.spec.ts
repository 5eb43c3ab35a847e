/** Observers of a server that throw: `onError`, subscribers of its events, subscribers of the diagnostics channel. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { runInThisContext } from 'node:vm';
import { config, filter, of, throwError, type Observable } from 'rxjs';
import { HttpError } from '../../../lib/index.js';
import { serveScgi, type ServerEvent } from '../../../lib/node/index.js';
import { exchange } from '../../helpers/sockets/exchange.js';
import { afterwards, cleanUpSockets } from '../../helpers/sockets/sockets.js';
import { ODD_VALUES } from '../../helpers/faults/thrown-values.js';
import { TestServer } from '../../helpers/sockets/test-server.js';

cleanUpSockets();

const boom = new Error('boom', { cause: new Error('the cause') });

/** What is written to stderr during a test. */
function stderr(): string[] {
  const written: string[] = [];
  const write = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  afterwards(() => write.mockRestore());
  return written;
}

/** The errors that reach the process during a test, which would end it otherwise. */
function processErrors(): unknown[] {
  const errors: unknown[] = [];
  const real = runInThisContext('process') as NodeJS.Process;
  const others = real.listeners('uncaughtException');
  real.removeAllListeners('uncaughtException');
  const listener = (error: unknown): void => {
    errors.push(error);
  };
  real.on('uncaughtException', listener);
  afterwards(() => {
    real.off('uncaughtException', listener);
    for (const each of others) real.on('uncaughtException', each);
  });
  return errors;
}

describe('serveScgi without onError', () => {
  it("should print a handler's exception on stderr, with its stack and its cause", async () => {
    const written = stderr();
    const server = new TestServer(() => throwError(() => boom), { onError: undefined });
    expect(await server.exchange()).toMatch(/^500 /);
    expect(written.join('')).toMatch(
      /^Error: boom\n {4}at .*observers\.spec\.ts[^]*caused by Error: the cause\n {4}at /,
    );
  });

  it('should print mistakes of the application that the library finds', async () => {
    const written = stderr();
    const server = new TestServer(() => of({ status: 99 }), { onError: undefined });
    expect(await server.exchange()).toMatch(/^500 /);
    expect(written.join('')).toContain('ERR_SCGI_STATUS_INVALID');
  });

  it('should not print what a peer can cause', async () => {
    const written = stderr();
    const server = new TestServer(() => of({}), { onError: undefined });
    expect(await server.exchange(Buffer.from('nonsense'))).toMatch(/^400 /);
    expect(written).toEqual([]);
  });

  it('should print an HttpError of 500 and above only', async () => {
    const written = stderr();
    const server = new TestServer(
      ({ query }) => throwError(() => new HttpError(Number(query), `no ${query}`)),
      {
        onError: undefined,
      },
    );
    for (const status of [400, 404, 499, 500])
      expect(await server.exchange({ uri: `/?${status}` })).toMatch(`${status} `);
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/^HttpError: no 500\n {4}at /);
  });

  it('should print any value at all', async () => {
    const written = stderr();
    const values = Object.values(ODD_VALUES).map((make) => make());
    const server = new TestServer(({ query }) => throwError(() => values[Number(query)]), {
      onError: undefined,
    });
    for (const index of values.keys()) expect(await server.exchange({ uri: `/?${index}` })).toMatch(/^\d+ /);
    expect(written.length).toBeGreaterThan(0);
  });

  it('should be silenced by an onError', async () => {
    const written = stderr();
    const server = new TestServer(() => throwError(() => boom), { onError: () => undefined });
    expect(await server.exchange()).toMatch(/^500 /);
    expect(written).toEqual([]);
  });
});

describe('a server whose observers throw', () => {
  it('should continue when onError throws, and report what it has thrown', async () => {
    const thrown = new Error('thrown by onError');
    const errors = processErrors();
    const server = new TestServer(
      ({ path }) => (path === '/bad' ? throwError(() => boom) : of({ body: 'good' })),
      {
        onError: () => {
          throw thrown;
        },
      },
    );
    expect(await server.exchange({ uri: '/bad' })).toMatch(/^500 /);
    expect(await server.exchange({ uri: '/good' })).toBe('200 good');
    expect(server.log.values).toContainEqual(expect.objectContaining({ type: 'failure', error: thrown }));
    expect(errors).toEqual([]);
  });

  it.each<[string, (events: Observable<ServerEvent>) => Observable<ServerEvent>]>([
    ['its events', (events) => events],
    ['what derives from its events', (events) => events.pipe(filter(({ type }) => type !== 'failure'))],
  ])('should continue when a subscriber of %s throws, and print it', async (_, derive) => {
    const errors = processErrors();
    const written = stderr();
    const events = derive(serveScgi(() => of({ body: 'good' }), { listen: '127.0.0.1:0' }));
    const address = await new Promise<string>((resolve) => {
      const serving = events.subscribe({
        next: (event) => {
          if (event.type === 'listening') resolve(event.address);
          throw boom;
        },
      });
      afterwards(() => serving.unsubscribe());
    });
    for (let count = 0; count < 2; count++) expect(await exchange(address)).toBe('200 good');
    // RxJS would throw it in a timer.
    await new Promise((resolve) => setTimeout(resolve));
    expect(errors).toEqual([]);
    expect(written.join('')).toContain('Error: boom');
  });

  it('should continue when a subscriber of its events throws, which RxJS reports where that is asked for', async () => {
    const reported: unknown[] = [];
    const before = config.onUnhandledError;
    config.onUnhandledError = (error) => reported.push(error);
    afterwards(() => (config.onUnhandledError = before));
    const events = serveScgi(() => of({ body: 'good' }), { listen: '127.0.0.1:0' });
    const address = await new Promise<string>((resolve) => {
      const serving = events.subscribe((event) => {
        if (event.type === 'listening') resolve(event.address);
        throw boom;
      });
      afterwards(() => serving.unsubscribe());
    });
    for (let count = 0; count < 2; count++) expect(await exchange(address)).toBe('200 good');
    expect(new Set(reported)).toEqual(new Set([boom]));
  });

  it('should continue when a subscriber of the diagnostics channel throws, which Node.js reports', async () => {
    const errors = processErrors();
    const listener = (): void => {
      throw boom;
    };
    subscribe('rxscgi:request', listener);
    afterwards(() => unsubscribe('rxscgi:request', listener));
    const server = new TestServer(() => of({ body: 'good' }));
    for (let count = 0; count < 2; count++) expect(await server.exchange()).toBe('200 good');
    expect(server.types).toEqual(['listening', 'request', 'response', 'request', 'response']);
    expect(new Set(errors)).toEqual(new Set([boom]));
  });
});
