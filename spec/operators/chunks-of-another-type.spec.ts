import { NEVER, concat, firstValueFrom, materialize, of, take, toArray, type OperatorFunction } from 'rxjs';
import { decodeScgi, decodeScgiEvents, decodeScgiResponse, handleScgi, text } from '../../lib/index.js';

const NOT_BYTES: [string, unknown][] = [
  ['text', '24:'],
  ['an ArrayBuffer', new ArrayBuffer(3)],
  ['a Uint16Array', new Uint16Array(3)],
  ['an array of numbers', [50, 52, 58]],
  ['a number', 5],
  ['null', null],
];

const OPERATORS: [string, () => OperatorFunction<Uint8Array, unknown>][] = [
  ['decodeScgi', decodeScgi],
  ['decodeScgiEvents', decodeScgiEvents],
  ['decodeScgiResponse', decodeScgiResponse],
];

describe.each(OPERATORS)('%s', (_name, operator) => {
  it.each(NOT_BYTES)(
    "should error with what its source gave, not with a fault of the peer's: %s",
    async (_kind, chunk) => {
      const result = concat(of(chunk as Uint8Array), NEVER).pipe(operator(), materialize(), take(1));
      expect(await firstValueFrom(result)).toMatchObject({
        kind: 'E',
        error: expect.objectContaining({
          name: 'TypeError',
          message: expect.stringMatching(/^the source pushed .*; its chunks must be Uint8Arrays$/) as string,
        }) as unknown,
      });
    },
  );
});

describe('handleScgi', () => {
  it.each(NOT_BYTES)('should answer 500, not 400: %s', async (_kind, chunk) => {
    const errors: unknown[] = [];
    const result = concat(of(chunk as Uint8Array), NEVER).pipe(
      handleScgi(() => text(''), { onError: (error) => errors.push(error) }),
      toArray(),
    );
    expect(Buffer.concat(await firstValueFrom(result)).toString()).toMatch(/^Status: 500 /);
    expect(errors).toEqual([expect.any(TypeError)]);
  });
});
