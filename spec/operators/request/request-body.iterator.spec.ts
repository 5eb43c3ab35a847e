import { Subject } from 'rxjs';
import { decodeScgi } from '../../../lib/operators/decode-scgi.js';
import { createFlow } from '../../../lib/operators/flow/flow.js';
import type { ScgiBody } from '../../../lib/operators/types.js';
import { errorFacts } from '../../helpers/virtual-time/marbles.js';
import { requestHead } from '../../helpers/wire/requests.js';
import { show, wire } from '../../helpers/wire/wire.js';

const DONE = { done: true, value: undefined };
const RESET = new Error('reset');
const USED = { code: 'ERR_SCGI_BODY_USED' };

describe('request.body as an AsyncIterable', () => {
  it('should give every chunk to a for await loop, and end it with the body', async () => {
    const { body, send } = openRequest(6);
    send('ab');
    const log = drain(body);
    await turns();
    send('cd');
    send('ef');
    expect(await log).toEqual(['ab', 'cd', 'ef', '|']);
  });

  it('should end a for await loop at once when there is no body', async () => {
    const { body } = openRequest(0);
    expect(await drain(body)).toEqual(['|']);
  });

  it('should take a chunk only when it is asked for one, and pause the input meanwhile', async () => {
    const { body, send, paused } = openRequest(6, 2);
    const iterator = body[Symbol.asyncIterator]();
    const first = iterator.next();
    send('ab');
    expect(await text(first)).toBe('ab');
    expect(paused()).toBe(false);

    send('cd');
    expect(paused()).toBe(true);
    await turns();
    expect(paused()).toBe(true);

    expect(await text(iterator.next())).toBe('cd');
    expect(paused()).toBe(false);
    send('ef');
    // The end of the body ends the pause too: nothing more is to come.
    expect(paused()).toBe(false);
    expect(await text(iterator.next())).toBe('ef');
    expect(await iterator.next()).toEqual(DONE);
  });

  it('should pause the input while the body of a for await loop runs', async () => {
    const { body, send, paused } = openRequest(7, 2);
    const release = new Subject<void>();
    const log: string[] = [];
    const looping = (async () => {
      for await (const chunk of body) {
        log.push(show(chunk));
        await new Promise<void>((resolve) => release.subscribe(resolve));
      }
    })();
    for (const chunk of ['ab', 'cd']) send(chunk);
    await turns();
    expect({ log, paused: paused() }).toEqual({ log: ['ab'], paused: true });
    release.next();
    await turns();
    expect({ log, paused: paused() }).toEqual({ log: ['ab', 'cd'], paused: false });
    send('efg');
    release.next();
    await turns();
    release.next();
    await looping;
    expect(log).toEqual(['ab', 'cd', 'efg']);
  });

  it('should answer calls of next() that overlap in their order', async () => {
    const { body, send } = openRequest(4);
    const iterator = body[Symbol.asyncIterator]();
    const results = [iterator.next(), iterator.next(), iterator.next(), iterator.next()];
    send('ab');
    send('cd');
    expect(await Promise.all(results.slice(0, 2).map(text))).toEqual(['ab', 'cd']);
    expect(await Promise.all(results.slice(2))).toEqual([DONE, DONE]);
  });

  it('should stay at its end', async () => {
    const { body, send } = openRequest(2);
    const iterator = body[Symbol.asyncIterator]();
    send('ab');
    await iterator.next();
    expect(await iterator.next()).toEqual(DONE);
    expect(await iterator.next()).toEqual(DONE);
  });

  it('should take the body at the first next(), not before', async () => {
    const { body, send } = openRequest(2);
    const iterator = body[Symbol.asyncIterator]();
    let log = '';
    body.subscribe((data) => (log += show(data)));
    send('ab');
    expect(log).toBe('ab');
    expect(await fault(iterator.next())).toEqual(USED);
    expect(await iterator.next()).toEqual(DONE);
  });

  it('should error a second iterator, and leave the first alone', async () => {
    const { body, send } = openRequest(2);
    const first = body[Symbol.asyncIterator]().next();
    expect(await fault(body[Symbol.asyncIterator]().next())).toEqual(USED);
    send('ab');
    expect(await text(first)).toBe('ab');
  });

  describe('return()', () => {
    it('should drop the rest, and end the pause, when a for await loop breaks', async () => {
      const { body, send, paused, log } = openRequest(6, 2);
      for (const chunk of ['ab', 'cd']) send(chunk);
      expect(paused()).toBe(true);
      for await (const chunk of body) {
        expect(show(chunk)).toBe('ab');
        break;
      }
      expect(paused()).toBe(false);
      send('ef');
      expect({ paused: paused(), log }).toEqual({ paused: false, log: ['|'] });
    });

    it('should drop the rest when a for await loop throws', async () => {
      const { body, send, paused } = openRequest(6, 2);
      for (const chunk of ['ab', 'cd']) send(chunk);
      const looping = (async () => {
        for await (const chunk of body) throw new Error(show(chunk));
      })();
      await expect(looping).rejects.toThrow('ab');
      expect(paused()).toBe(false);
    });

    it('should drop a body that was never begun', async () => {
      const { body, send, paused } = openRequest(6, 2);
      send('ab');
      const iterator = body[Symbol.asyncIterator]();
      expect(await iterator.return?.()).toEqual(DONE);
      expect(paused()).toBe(false);
      expect(await iterator.next()).toEqual(DONE);
      expect(await fault(body[Symbol.asyncIterator]().next())).toEqual(USED);
    });

    it('should settle pending calls', async () => {
      const { body } = openRequest(6);
      const iterator = body[Symbol.asyncIterator]();
      const waiting = iterator.next();
      expect(await iterator.return?.()).toEqual(DONE);
      expect(await waiting).toEqual(DONE);
    });
  });

  describe('an error', () => {
    it('should come after what was held, and once', async () => {
      const { body, send, source } = openRequest(6);
      send('ab');
      source.error(RESET);
      const iterator = body[Symbol.asyncIterator]();
      expect(await text(iterator.next())).toBe('ab');
      expect(await fault(iterator.next())).toBe(RESET);
      expect(await iterator.next()).toEqual(DONE);
    });

    it('should reach a pending call', async () => {
      const { body, source } = openRequest(6);
      const iterator = body[Symbol.asyncIterator]();
      const results = [iterator.next(), iterator.next()];
      source.complete();
      const offset = requestHead(6).length;
      expect(await fault(results[0]!)).toEqual({ code: 'ERR_SCGI_PREMATURE_EOF', offset });
      expect(await results[1]).toEqual(DONE);
    });

    it('should reach the next call when none is pending', async () => {
      const { body, send, source } = openRequest(6);
      const iterator = body[Symbol.asyncIterator]();
      const first = iterator.next();
      send('ab');
      await first;
      source.error(RESET);
      expect(await fault(iterator.next())).toBe(RESET);
    });

    it('should be thrown by a for await loop', async () => {
      const { body, source } = openRequest(6);
      const looping = drain(body);
      source.error(RESET);
      await expect(looping).rejects.toBe(RESET);
    });
  });
});

/** A request of which the spec sends the body, and the log of how the decoder ends. */
function openRequest(contentLength: number, bodyHighWaterMark?: number) {
  const flow = createFlow();
  const source = new Subject<Uint8Array>();
  const bodies: ScgiBody[] = [];
  const log: unknown[] = [];
  source.pipe(decodeScgi({ flow, bodyHighWaterMark })).subscribe({
    next: (request) => bodies.push(request.body),
    error: (error: unknown) => log.push(error),
    complete: () => log.push('|'),
  });
  source.next(requestHead(contentLength));
  return {
    body: bodies[0]!,
    source,
    log,
    send: (text: string) => source.next(wire(text)),
    paused: () => flow.inputPaused.value,
  };
}

async function drain(body: ScgiBody): Promise<string[]> {
  const log: string[] = [];
  for await (const chunk of body) log.push(show(chunk));
  return [...log, '|'];
}

async function text(result: Promise<IteratorResult<Uint8Array>>): Promise<string> {
  return show((await result).value as Uint8Array);
}

/** The facts of what a promise rejects with. */
async function fault(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'no error',
    (error: unknown) => errorFacts(error),
  );
}

/** Lets everything happen that is to happen without new input. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}
