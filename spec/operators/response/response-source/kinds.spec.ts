import { tap } from 'rxjs';
import { encodeScgi } from '../../../../lib/operators/encode-scgi.js';
import { createFlow } from '../../../../lib/operators/flow/flow.js';
import { marbles } from '../../../helpers/virtual-time/marbles.js';
import { expectNoProcessFaults } from '../../../helpers/faults/process-faults.js';
import { respond } from '../../../helpers/virtual-time/responses/respond.js';
import { turns } from '../../../helpers/virtual-time/responses/response-bodies.js';
import { pauseOutput } from '../../../helpers/virtual-time/play-flow.js';

const HEAD = 'Status: 200 OK\r\n\r\n';
const BOOM = new Error('boom');

expectNoProcessFaults();

describe('a body from an async generator', () => {
  it('should run its finally when the gateway goes away', async () => {
    const log: string[] = [];
    const { sent, subscription } = respond({ body: generate(log) }, { pauseAfter: 2 });
    await turns();
    subscription.unsubscribe();
    await turns();
    expect({ sent, log }).toEqual({ sent: [HEAD, 'aa'], log: ['begun', 'finally'] });
  });

  it.each(['HEAD', 'GET'])('should never begin when it is closed before that (%s)', async (method) => {
    const log: string[] = [];
    const body = generate(log);
    respond({ body }, { pauseAfter: 0, requestMethod: method }).subscription.unsubscribe();
    await turns();
    expect(await body.next()).toEqual({ done: true, value: undefined });
    expect(log).toEqual([]);
  });

  it('should be taken as for await takes it, when its results are no Promises', () => {
    const results = ['a', 'b', 'c'].map((value) => ({ done: false, value }));
    const next = (): object => results.shift() ?? { done: true };
    const { sent } = respond({ body: { [Symbol.asyncIterator]: () => ({ next }) } as never });
    expect(sent).toEqual([`${HEAD}a`, 'b', 'c', '|']);
  });

  it('should ignore what its finally throws', async () => {
    const { sent, subscription } = respond({ body: generate([], BOOM) }, { pauseAfter: 2 });
    await turns();
    subscription.unsubscribe();
    await turns();
    expect(sent).toEqual([HEAD, 'aa']);
  });
});

describe('a body from an iterable', () => {
  it('should be pulled only while the output is not paused, in virtual time', () => {
    marbles(({ cold, hot, expectObservable }) => {
      const flow = createFlow();
      const output = hot('      ------f---f---f---|', { f: false });
      const expected = '        x-----a---a---|    ';
      output.subscribe((paused) => pauseOutput(flow, paused));
      const responses = cold('  (r|)', { r: { body: ['aa', 'aa', 'aa'] } });
      const result = responses.pipe(
        encodeScgi({ flow }),
        tap(() => pauseOutput(flow, true)),
      );
      expectObservable(result).toBe(expected, { x: `${HEAD}aa`, a: 'aa' });
    });
  });

  it('should be closed when the gateway goes away, once it was begun', () => {
    const log: string[] = [];
    const { sent, subscription } = respond({ body: iterate(log) }, { pauseAfter: 1 });
    subscription.unsubscribe();
    expect({ sent, log }).toEqual({ sent: [`${HEAD}aa`], log: ['begun', 'finally'] });
  });

  it.each(['HEAD', 'GET'])('should never begin when it is closed before that (%s)', (requestMethod) => {
    const log: string[] = [];
    respond({ body: iterate(log) }, { pauseAfter: 0, requestMethod }).subscription.unsubscribe();
    expect(log).toEqual([]);
  });

  it('should be closed when it gives a value that is not a chunk', () => {
    const log: string[] = [];
    const { sent } = respond({ body: iterate(log, 5) });
    expect({ sent, log }).toEqual({ sent: [{ code: 'ERR_SCGI_BODY_TYPE' }], log: ['begun', 'finally'] });
  });

  it('should not be closed when it ends', () => {
    const calls: string[] = [];
    const iterator = { next: () => ({ done: true as const, value: '' }), return: () => calls.push('return') };
    const { sent } = respond({ body: { [Symbol.iterator]: () => iterator } as unknown as string[] });
    expect({ sent, calls }).toEqual({ sent: [HEAD, '|'], calls: [] });
  });

  it.each<[string, () => unknown]>([
    ['Symbol.iterator', () => ({ [Symbol.iterator]: () => fails() })],
    ['next', () => ({ [Symbol.iterator]: () => ({ next: () => fails() }) })],
    ['Symbol.asyncIterator', () => ({ [Symbol.asyncIterator]: () => fails() })],
    ['an async next', () => ({ [Symbol.asyncIterator]: () => ({ next: () => fails() }) })],
    ['getReader', () => ({ getReader: () => fails(), cancel: () => fails() })],
  ])('should forward what %s throws before the head', (_, make) => {
    const { sent } = respond({ body: make() as string[] });
    expect(sent).toEqual([BOOM]);
  });

  it('should ignore what closing throws', () => {
    const iterator = { next: () => ({ done: false, value: 'aa' }), return: () => fails() };
    const { sent, subscription } = respond(
      { body: { [Symbol.iterator]: () => iterator } },
      { pauseAfter: 1 },
    );
    subscription.unsubscribe();
    expect(sent).toEqual([`${HEAD}aa`]);
  });
});

describe('a body from a Promise', () => {
  it('should go out when it is there', async () => {
    const { sent } = respond({ body: Promise.resolve('aa') });
    await turns();
    expect(sent).toEqual([HEAD, 'aa', '|']);
  });

  it('should forward its rejection', async () => {
    const { sent } = respond({ body: Promise.reject(BOOM) });
    await turns();
    expect(sent).toEqual([HEAD, BOOM]);
  });

  it('should be ignored, rejected or not, in the answer to HEAD', async () => {
    const { sent } = respond({ body: Promise.reject(BOOM) }, { requestMethod: 'HEAD' });
    await turns();
    expect(sent).toEqual([HEAD, '|']);
  });

  it('should be dropped when the gateway has gone', async () => {
    const { sent, subscription } = respond({ body: Promise.reject(BOOM) });
    subscription.unsubscribe();
    await turns();
    expect(sent).toEqual([HEAD]);
  });
});

describe('a body from an Observable', () => {
  it('should never be subscribed in the answer to HEAD', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const body = cold('a');
      const responses = cold('--(r|)', { r: { body } });
      expectObservable(responses.pipe(encodeScgi({ requestMethod: 'HEAD' }))).toBe('--(h|)', { h: HEAD });
      expectSubscriptions(body.subscriptions).toBe([]);
    });
  });
});

function fails(): never {
  throw BOOM;
}

function* iterate(log: string[], chunk: unknown = 'aa'): Generator<string> {
  log.push('begun');
  try {
    for (;;) yield chunk as string;
  } finally {
    log.push('finally');
  }
}

async function* generate(log: string[], thrown?: Error): AsyncGenerator<string> {
  log.push('begun');
  try {
    for (;;) yield await Promise.resolve('aa');
  } finally {
    log.push('finally');
    // eslint-disable-next-line no-unsafe-finally
    if (thrown) throw thrown;
  }
}
