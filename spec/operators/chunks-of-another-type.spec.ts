import {
  NEVER,
  concat,
  firstValueFrom,
  lastValueFrom,
  materialize,
  of,
  take,
  toArray,
  type OperatorFunction,
} from 'rxjs';
import {
  decodeScgi,
  decodeScgiEvents,
  decodeScgiResponse,
  encodeScgi,
  encodeScgiEvents,
  encodeScgiRequest,
  handleScgi,
  text,
  type ResponseEvent,
  type ScgiResponse,
} from '../../lib/index.js';
import { FALSE_LENGTHS, withFalseLength } from '../helpers/wire/false-length.js';

const REQUEST = '24:CONTENT_LENGTH\x000\0SCGI\x001\0,';

const NOT_BYTES: [string, unknown][] = [
  ['text', '24:'],
  ['an ArrayBuffer', new ArrayBuffer(3)],
  ['a Uint16Array', new Uint16Array(3)],
  ['an array of numbers', [50, 52, 58]],
  ['a number', 5],
  ['null', null],
  ...FALSE_LENGTHS.map(([name, lengthOf]): [string, unknown] => [
    `a Uint8Array whose length is ${name}`,
    withFalseLength(REQUEST, lengthOf),
  ]),
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

describe.each(FALSE_LENGTHS)('a body whose length is %s', (_name, lengthOf) => {
  const body = withFalseLength('hello', lengthOf);
  const refused = {
    kind: 'E',
    error: expect.objectContaining({
      code: 'ERR_SCGI_BODY_TYPE',
      message: expect.stringContaining('whose length is not the number of its bytes') as string,
    }) as unknown,
  };

  it.each<[string, ScgiResponse['body']]>([
    ['whole', body],
    ['a chunk of an iterable', [body]],
    ['a chunk of an Observable', of(body)],
  ])('should be refused as a response and as a request: %s', async (_kind, given) => {
    const encoders = [
      of({ body: given }).pipe(encodeScgi()),
      of({ body: given, contentLength: 5 }).pipe(encodeScgiRequest()),
    ];
    for (const result of encoders)
      expect(await lastValueFrom(result.pipe(materialize()))).toMatchObject(refused);
  });

  it('should be refused as the data of an event', async () => {
    const events = of<ResponseEvent[]>({ type: 'response-headers' }, { type: 'response-body', data: body });
    expect(await lastValueFrom(events.pipe(encodeScgiEvents(), materialize()))).toMatchObject(refused);
  });
});
