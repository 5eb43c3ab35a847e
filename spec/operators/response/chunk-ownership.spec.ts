import { Observable, Subject, of } from 'rxjs';
import { ResponseWriter } from '../../../lib/core/response/response-writer.js';
import type { BodyChunk, ScgiResponse } from '../../../lib/operators/types.js';
import { factsThrownBy } from '../../helpers/faults/error-facts.js';
import { encodeScgi } from '../../../lib/operators/encode-scgi.js';
import { createFlow } from '../../../lib/operators/flow/flow.js';
import { respond } from '../../helpers/virtual-time/responses/respond.js';
import { turns } from '../../helpers/virtual-time/responses/response-bodies.js';
import { show } from '../../helpers/wire/wire.js';
import { pauseOutput } from '../../helpers/virtual-time/play-flow.js';

const HEAD = 'Status: 200 OK\r\n\r\n';
const SMALL = 16_384;

/** Emits three chunks of one buffer, filled again for each of them. */
function* refill(size: number): Generator<Uint8Array> {
  const buffer = Buffer.alloc(size);
  for (const letter of 'abc') yield buffer.fill(letter);
}

async function* refillLater(size: number): AsyncGenerator<Uint8Array> {
  for (const chunk of refill(size)) yield await Promise.resolve(chunk);
}

function push(size: number): Observable<Uint8Array> {
  return new Observable((subscriber) => {
    for (const chunk of refill(size)) subscriber.next(chunk);
    subscriber.complete();
  });
}

/** What a consumer has that keeps the chunks until the response is out. */
async function kept(
  body: BodyChunk | Iterable<BodyChunk> | AsyncIterable<BodyChunk> | Observable<BodyChunk>,
) {
  const chunks: Uint8Array[] = [];
  const responses = new Subject<{ body: typeof body }>();
  responses.pipe(encodeScgi({ flow: createFlow() })).subscribe((chunk) => chunks.push(chunk));
  responses.next({ body });
  await turns();
  return chunks.map(show).join('');
}

describe('a buffer that is filled again for each chunk', () => {
  const expected = `${HEAD}${['a', 'b', 'c'].map((letter) => letter.repeat(600)).join('')}`;

  it.each<[string, (size: number) => Parameters<typeof kept>[0]]>([
    ['a generator', refill],
    ['an async generator', refillLater],
    ['an Observable', push],
  ])('should go out as it was at each chunk of %s, up to 16 KiB', async (_, make) => {
    expect(await kept(make(600))).toBe(expected);
    const whole = await kept(make(SMALL));
    expect(whole.slice(HEAD.length)).toBe(['a', 'b', 'c'].map((letter) => letter.repeat(SMALL)).join(''));
  });

  it('should go out as it was when it had to wait in the queue, however large', () => {
    const size = SMALL * 4;
    const { sent, flow } = respond({ body: push(size) }, { pauseAfter: 1 });
    pauseOutput(flow, false);
    expect(sent.join('').slice(HEAD.length)).toBe(
      `${['a', 'b', 'c'].map((letter) => letter.repeat(size)).join('')}|`,
    );
  });

  it('should not be asked for the next chunk while a large one waits for the gateway', () => {
    const { sent, flow } = respond({ body: refill(SMALL * 4) }, { pauseAfter: 2 });
    expect(sent).toEqual([HEAD, 'a'.repeat(SMALL * 4)]);
    pauseOutput(flow, false);
    expect(sent.slice(2)).toEqual(['b'.repeat(SMALL * 4), 'c'.repeat(SMALL * 4), '|']);
  });
});

const transfer = ({ buffer }: Uint8Array): unknown => structuredClone(buffer, { transfer: [buffer] });
const transferred = { code: 'ERR_SCGI_BODY_TYPE' };

describe('a buffer that was transferred before it goes out', () => {
  const chunk = new Uint8Array(10);
  transfer(chunk);

  it.each<[string, ScgiResponse['body'], unknown[]]>([
    ['the whole body', chunk, [transferred]],
    ['the only chunk', [chunk], [transferred]],
    ['a later chunk', ['a', chunk], [`${HEAD}a`, transferred]],
    ['pushed', of('a', chunk), [`${HEAD}a`, transferred]],
  ])('should fail the response, rather than be empty, when it is %s', (_, body, sent) => {
    expect(respond({ body }).sent).toEqual(sent);
  });

  it('should not be confused with no bytes', () => {
    const none = new Uint8Array(0);
    for (const body of [none, [none], new Uint8Array(4).subarray(4), Buffer.alloc(0)])
      expect(respond({ body }).sent.at(-1)).toBe('|');
  });

  it('should be refused by a ResponseWriter', () => {
    const writer = new ResponseWriter();
    writer.send({ type: 'response-headers' });
    expect(factsThrownBy(() => writer.send({ type: 'response-body', data: chunk })).code).toBe(
      'ERR_SCGI_BODY_TYPE',
    );
    expect(writer.state).toBe('failed');
  });
});

describe('a buffer that is transferred while it goes out', () => {
  const large = (): Uint8Array<ArrayBuffer> => new Uint8Array(600_000).fill(0x61);

  it.each<[string, (chunk: Uint8Array) => Iterable<Uint8Array> | Uint8Array]>([
    ['the whole body', (chunk) => chunk],
    ['a chunk of an iterable', (chunk) => [chunk]],
  ])('should fail the response when it is %s', (_, make) => {
    const chunk = large();
    const { sent, flow } = respond({ body: make(chunk) }, { pauseAfter: 2 });
    transfer(chunk);
    pauseOutput(flow, false);
    expect(sent.length).toBe(3);
    expect(sent.at(-1)).toEqual(transferred);
  });

  it('should fail the response when it is the last chunk, which the gateway has yet to take', () => {
    const chunk = new Uint8Array(SMALL * 2).fill(0x61);
    const { sent, flow } = respond({ body: [chunk] }, { pauseAfter: 2 });
    transfer(chunk);
    pauseOutput(flow, false);
    expect(sent.slice(1)).toEqual(['a'.repeat(SMALL * 2), transferred]);
  });

  it('should fail the response when it is pushed', () => {
    const chunk = large();
    const body = new Subject<Uint8Array>();
    const { sent, flow } = respond({ body }, { pauseAfter: 2 });
    body.next(chunk);
    transfer(chunk);
    pauseOutput(flow, false);
    expect(sent.length).toBe(3);
    expect(sent.at(-1)).toEqual(transferred);
  });

  it.each([1, 600, SMALL])('should not matter when it has %d bytes, which are copied', async (size) => {
    const chunk = new Uint8Array(size).fill(0x61);
    const body = new Subject<Uint8Array>();
    const { sent } = respond({ body });
    body.next(chunk);
    transfer(chunk);
    body.complete();
    await turns();
    expect(sent).toEqual([HEAD, 'a'.repeat(size), '|']);
  });

  it('should not matter when it was queued, as a copy', () => {
    const chunk = large();
    const body = new Subject<Uint8Array>();
    const { sent, flow } = respond({ body }, { pauseAfter: 1 });
    body.next(chunk);
    transfer(chunk);
    body.complete();
    pauseOutput(flow, false);
    expect(sent.slice(1).join('')).toBe(`${'a'.repeat(600_000)}|`);
  });
});
