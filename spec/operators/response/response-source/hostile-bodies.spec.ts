import { Readable } from 'node:stream';
import { Observable, finalize, of } from 'rxjs';
import { expectNoProcessFaults } from '../../../helpers/faults/process-faults.js';
import { respond } from '../../../helpers/virtual-time/responses/respond.js';
import { turns } from '../../../helpers/virtual-time/responses/response-bodies.js';

const HEAD = 'Status: 200 OK\r\n\r\n';
const BOOM = new Error('boom');

expectNoProcessFaults();

describe('the result of an iterator', () => {
  const results: readonly [string, () => unknown][] = [
    ['done throws', () => throwing('done')],
    ['value throws', () => throwing('value')],
    ['is a revoked Proxy', revokedProxy],
  ];

  it.each(results)('should fail the response, when it %s: iterable', (_, result) => {
    const { sent } = respond({ body: { [Symbol.iterator]: () => ({ next: result }) } as Iterable<string> });
    expect(sent).toEqual([expect.any(Error)]);
  });

  it.each(results)('should fail the response, when it %s: async iterable', async (_, result) => {
    const next = async () => Promise.resolve({ then: undefined }).then(result);
    const { sent } = respond({ body: { [Symbol.asyncIterator]: () => ({ next }) } as AsyncIterable<string> });
    await turns();
    expect(sent).toEqual([HEAD, expect.any(Error)]);
  });

  it.each(results)('should fail the response, when it %s: reader', async (_, result) => {
    const read = async () => Promise.resolve().then(result);
    const body = { getReader: () => ({ read, cancel: () => undefined }), cancel: () => undefined };
    const { sent } = respond({ body: body as unknown as ReadableStream<string> });
    await turns();
    expect(sent).toEqual([HEAD, expect.any(Error)]);
  });
});

type Then = (fulfilled: (value: unknown) => void, rejected: (error: unknown) => void) => unknown;

describe('a thenable', () => {
  const both =
    (...calls: Then[]): Then =>
    (fulfilled, rejected) =>
      calls.map((call) => call(fulfilled, rejected)).at(-1);
  const ok: Then = (fulfilled) => fulfilled('aa');
  const other: Then = (fulfilled) => fulfilled('bb');
  const bad: Then = (_, rejected) => rejected(BOOM);
  const THENS: readonly [what: string, then: Then, outcome: unknown[]][] = [
    ['fulfils twice', both(ok, other), ['aa', '|']],
    ['fulfils, then rejects', both(ok, bad), ['aa', '|']],
    ['rejects, then fulfils', both(bad, ok), [BOOM]],
    ['throws', fails, [BOOM]],
    ['fulfils, then throws', both(ok, fails), ['aa', '|']],
    ['returns a rejected Promise', both(ok, () => Promise.reject(BOOM)), ['aa', '|']],
    ['is async and throws', both(ok, () => Promise.resolve().then(fails)), ['aa', '|']],
  ];

  it.each(THENS)('should count once, as a body, when it %s', async (_, then, outcome) => {
    const calls = countCalls(then);
    const { sent } = respond({ body: { then: calls.then } as PromiseLike<string> });
    await turns();
    expect(sent.join('')).toBe([...(outcome[0] === BOOM ? [] : [HEAD]), ...outcome].join(''));
    expect(calls.count).toBe(1);
  });

  it.each(THENS)('should count once, as what next() gives, when it %s', async (_, then, outcome) => {
    const calls = countCalls((fulfilled, rejected) =>
      then((value) => fulfilled({ done: value !== 'aa', value }), rejected),
    );
    let pulls = 0;
    const next = () =>
      pulls++ === 0 ? { then: calls.then } : Promise.resolve({ done: true, value: undefined });
    const body = { [Symbol.asyncIterator]: () => ({ next }) } as unknown as AsyncIterable<string>;
    const { sent } = respond({ body });
    await turns();
    expect(sent.join('')).toBe([...(outcome[0] === BOOM ? [] : [HEAD]), ...outcome].join(''));
    expect(calls.count).toBe(1);
  });

  it.each(THENS)('should be called once, when nobody wants it and it %s', async (_, then) => {
    const calls = countCalls(then);
    const { sent } = respond(
      { body: { then: calls.then } as PromiseLike<string> },
      { requestMethod: 'HEAD' },
    );
    await turns();
    expect([sent, calls.count]).toEqual([[HEAD, '|'], 1]);
  });

  it('should fail the response when its then is async and throws without an outcome', async () => {
    const { sent } = respond({ body: { then: async () => fails() } });
    await turns();
    expect(sent).toEqual([HEAD, BOOM]);
  });

  it('should fail the response when it is a Promise whose own then is async and throws', async () => {
    const body = Object.assign(Promise.resolve('aa'), { then: async () => fails() });
    const { sent } = respond({ body });
    await turns();
    expect(sent).toEqual([HEAD, BOOM]);
  });

  it('should fail the response when its then cannot be read', async () => {
    const { sent } = respond({ body: throwing('then') as PromiseLike<string> });
    await turns();
    expect(sent).toEqual([BOOM]);
  });
});

describe('a Readable', () => {
  it('should not end the process when it fails before it is pulled', async () => {
    const body = new Readable({ read: () => undefined });
    const { sent, flow, subscription } = respond({ body }, { pauseAfter: 0 });
    body.destroy(BOOM);
    await turns();
    expect({ sent, held: flow.outputPaused.value }).toEqual({ sent: [HEAD], held: true });
    subscription.unsubscribe();
  });

  it.each(['on', 'destroy'])('should be freed though its %s throws', (member) => {
    const body = Object.assign(Readable.from(['aa']), { [member]: fails });
    const { sent, subscription } = respond({ body }, { pauseAfter: 0 });
    subscription.unsubscribe();
    expect(sent).toEqual([HEAD]);
  });
});

describe('a response', () => {
  it.each<[string, () => object]>([
    ['whose status throws', () => throwing('status')],
    ['whose headers throw', () => throwing('headers')],
    ['whose body throws', () => throwing('body')],
    ['that is a revoked Proxy', revokedProxy],
    ['whose fields throw', () => ({ headers: { [Symbol.iterator]: fails } })],
    ['whose field throws', () => ({ headers: throwing('x-a') })],
  ])('should fail when it is one %s', (_, make) => {
    const { sent } = respond(make());
    expect(sent).toEqual([expect.any(Error)]);
  });

  it('should be complete, though a finalizer of its body throws', async () => {
    const body = of('aa').pipe(finalize(fails));
    const { sent } = respond({ body });
    await turns();
    expect(sent).toEqual([`${HEAD}aa`, '|']);
  });

  it('should release the input, though a finalizer of its body throws', () => {
    const body = new Observable<string>(() => fails);
    const { sent, flow, subscription } = respond({ body }, { pauseAfter: 1 });
    subscription.unsubscribe();
    expect([sent, flow.inputPaused.value]).toEqual([[HEAD], false]);
  });
});

function throwing(member: string): object {
  return Object.defineProperty({}, member, { get: fails, enumerable: true });
}

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function countCalls(then: Then): { count: number; then: Then } {
  const calls = {
    count: 0,
    then: (...args: Parameters<Then>) => {
      calls.count++;
      return then(...args);
    },
  };
  return calls;
}

function fails(): never {
  throw BOOM;
}
