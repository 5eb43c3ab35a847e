import { Duplex } from 'node:stream';
import { NEVER, Subject, catchError, concat, map, mergeMap, of, throwError, type Observable } from 'rxjs';
import { decodeScgi, encodeScgi, errorAnswer, type Flow, type ScgiResponse } from '../../lib/index.js';
import { flowOf, fromSocket, usingSocket, writeTo } from '../../lib/node/index.js';
import { DUPLEX_PAIRS, receive, type DuplexPair } from '../helpers/sockets/duplex-pairs.js';
import { Log } from '../helpers/sockets/log.js';
import { expectNoProcessFaults } from '../helpers/faults/process-faults.js';
import { FALSE_LENGTHS, withFalseLength } from '../helpers/wire/false-length.js';
import { wholeRequest } from '../helpers/wire/requests.js';
import { afterwards, cleanUpSockets } from '../helpers/sockets/sockets.js';

expectNoProcessFaults();
cleanUpSockets();

const CHUNK = 'x'.repeat(65_536);
const CHUNKS = 300;
/** What a cut looks like to the gateway: only two kinds of connection tell it from an end. */
const CUT: Readonly<Record<string, string>> = {
  TCP: 'error',
  'a Unix socket': 'end',
  TLS: 'end',
  'streams of the Web': 'error',
  'a pair of pipes': 'error',
};

/** The documented pipeline. */
function answering(
  handle: (body: Observable<Uint8Array>, flow: Flow | undefined) => Observable<ScgiResponse>,
) {
  return (bytes: Observable<Uint8Array>, flow: Flow) =>
    bytes.pipe(
      decodeScgi({ flow }),
      mergeMap((request) => handle(request.body, request.flow)),
      encodeScgi({ flow, answer: errorAnswer }),
    );
}

describe.each(Object.entries(DUPLEX_PAIRS))('usingSocket over %s', (kind, make) => {
  async function connection(): Promise<DuplexPair> {
    const pair = await make();
    pair.gateway.on('error', () => undefined);
    afterwards(() => {
      pair.duplex.destroy();
      pair.gateway.destroy();
    });
    return pair;
  }

  it('should read a request, answer it, and complete when the connection is closed', async () => {
    const { duplex, gateway } = await connection();
    const log = new Log(
      usingSocket(
        duplex,
        answering((body) => of({ body })),
      ),
    );
    const received = receive(gateway);
    const request = Buffer.from(wholeRequest('hello'));
    gateway.write(request.subarray(0, 20));
    gateway.write(request.subarray(20));
    expect(await received).toEqual({ text: 'Status: 200 OK\r\n\r\nhello', ending: 'end' });
    gateway.end();
    await log.over();
    expect([log.values, log.ending, duplex.destroyed]).toEqual([[], 'complete', true]);
  });

  it('should answer what is not SCGI', async () => {
    const { duplex, gateway } = await connection();
    const log = new Log(
      usingSocket(
        duplex,
        answering(() => NEVER),
      ),
    );
    const received = receive(gateway);
    gateway.write('x');
    expect((await received).text).toMatch(/^Status: 400 Bad Request\r\n/);
    gateway.end();
    await log.over();
    expect(log.ending).toBe('complete');
  });

  it('should pull a body only while the gateway reads', async () => {
    const { duplex, gateway } = await connection();
    let pulled = 0;
    const body = (function* () {
      for (; pulled < CHUNKS; pulled++) yield CHUNK;
    })();
    const log = new Log(
      usingSocket(
        duplex,
        answering(() => of({ body })),
      ),
    );
    const paused = new Promise((resolve) =>
      flowOf(duplex).outputPaused.subscribe((isPaused) => isPaused && resolve(undefined)),
    );
    gateway.write(Buffer.from(wholeRequest('')));
    await paused;
    expect(pulled).toBeLessThan(CHUNKS);
    const { text } = await receive(gateway);
    expect(text.length).toBe('Status: 200 OK\r\n\r\n'.length + CHUNKS * CHUNK.length);
    gateway.end();
    await log.over();
    expect(log.ending).toBe('complete');
  });

  it('should send a buffer that a generator fills again for each chunk as it was', async () => {
    const { duplex, gateway } = await connection();
    const buffer = Buffer.alloc(CHUNK.length / 2);
    const letters = Array.from({ length: 200 }, (_, i) => String.fromCharCode(97 + (i % 26)));
    const body = (function* () {
      for (const letter of letters) yield buffer.fill(letter);
    })();
    const log = new Log(
      usingSocket(
        duplex,
        answering(() => of({ body })),
      ),
    );
    const paused = new Promise((resolve) =>
      flowOf(duplex).outputPaused.subscribe((isPaused) => isPaused && resolve(undefined)),
    );
    gateway.write(Buffer.from(wholeRequest('')));
    await paused;
    const { text } = await receive(gateway);
    const sent = text.slice('Status: 200 OK\r\n\r\n'.length);
    const seen = letters.map((letter, i) =>
      sent.slice(i * buffer.length, (i + 1) * buffer.length) === letter.repeat(buffer.length) ? letter : '?',
    );
    expect([seen.join(''), sent.length]).toEqual([letters.join(''), letters.length * buffer.length]);
    gateway.end();
    await log.over();
  });

  it('should not read while the input is held', async () => {
    const { duplex, gateway } = await connection();
    const busy = new Subject<boolean>();
    flowOf(duplex).holdInput(concat(of(true), busy));
    const chunks = new Log(fromSocket(duplex));
    gateway.end('abc');
    await new Promise((resolve) => setImmediate(resolve));
    expect(chunks.values).toEqual([]);
    busy.next(false);
    await chunks.over();
    expect(Buffer.concat(chunks.values).toString()).toBe('abc');
    expect(chunks.ending).toBe('complete');
  });

  it('should cut the connection when the response fails after its head', async () => {
    const { duplex, gateway } = await connection();
    const boom = new Error('boom');
    const body = new Subject<string>();
    const log = new Log(
      usingSocket(
        duplex,
        answering(() => of({ body })),
      ),
    );
    const received = receive(gateway);
    const first = new Promise((resolve) => gateway.once('data', resolve));
    gateway.write(Buffer.from(wholeRequest('')));
    await first;
    body.error(boom);
    await log.over();
    expect(log.ending).toBe(boom);
    expect([kind, (await received).ending]).toEqual([kind, CUT[kind]]);
  });

  it('should cut the connection when project throws', async () => {
    const { duplex } = await connection();
    const boom = new Error('boom');
    const log = new Log(
      usingSocket(duplex, () => {
        throw boom;
      }),
    );
    await log.over();
    expect([log.ending, duplex.destroyed]).toEqual([boom, true]);
  });

  it('should abort the connection when it is unsubscribed', async () => {
    const { duplex } = await connection();
    usingSocket(duplex, () => NEVER)
      .subscribe()
      .unsubscribe();
    expect(duplex.destroyed).toBe(true);
  });

  it('should fail, and leave the connection alone, when somebody uses it already', async () => {
    const { duplex, gateway } = await connection();
    const first = new Log(
      usingSocket(
        duplex,
        answering(() => of({ body: 'first' })),
      ),
    );
    const second = new Log(
      usingSocket(
        duplex,
        answering(() => of({ body: 'second' })),
      ),
    );
    await second.over();
    expect(second.ending).toMatchObject({ code: 'ERR_SCGI_BODY_USED' });
    const received = receive(gateway);
    gateway.write(Buffer.from(wholeRequest('')));
    expect((await received).text).toMatch(/first$/);
    gateway.end();
    await first.over();
    expect(first.ending).toBe('complete');
  });

  it('should fail when the connection is destroyed before the response is out', async () => {
    const { duplex, gateway } = await connection();
    const log = new Log(
      usingSocket(
        duplex,
        answering(() => NEVER),
      ),
    );
    gateway.write(Buffer.from(wholeRequest('')));
    duplex.once('data', () => duplex.destroy());
    await log.over();
    expect(log.ending).toMatchObject({ code: 'ERR_SCGI_GATEWAY_GONE' });
  });
});

describe('usingSocket over a stream in object mode', () => {
  const answer = answering((body) => of({ body }));
  const stream = (): Duplex =>
    new Duplex({ objectMode: true, read: () => undefined, write: (_chunk, _encoding, done) => done() });

  it('should end the connection, and not the process, when a chunk cannot even be counted', async () => {
    const [, throwing] = FALSE_LENGTHS.find(([name]) => name === 'an error')!;
    for (const chunk of [withFalseLength('x', throwing), undefined]) {
      const duplex = stream();
      const log = new Log(usingSocket(duplex, answer));
      duplex.push(chunk);
      await log.over();
      expect([log.ending, duplex.destroyed]).toEqual([
        expect.objectContaining({ code: 'ERR_SCGI_GATEWAY_GONE', cause: expect.any(Error) as Error }),
        true,
      ]);
    }
  });
});

describe('usingSocket', () => {
  it('should throw a TypeError when project is not a function', () => {
    expect(() => usingSocket({} as Duplex, undefined as unknown as () => Observable<never>)).toThrow(
      TypeError,
    );
  });

  it('should throw a RangeError for an invalid option', () => {
    expect(() => usingSocket({} as Duplex, () => NEVER, { lingerMs: -1 })).toThrow(RangeError);
  });
});

describe('writeTo', () => {
  it('should forward the error of its source', async () => {
    const { duplex, gateway } = await DUPLEX_PAIRS['a pair of pipes']!();
    gateway.on('error', () => undefined);
    const errors: unknown[] = [];
    const log = new Log(
      throwError(() => 'boom').pipe(
        writeTo(duplex),
        map(() => 0),
        catchError((error: unknown) => {
          errors.push(error);
          return of(1);
        }),
      ),
    );
    await log.over();
    expect([errors, duplex.destroyed]).toEqual([['boom'], true]);
  });
});
