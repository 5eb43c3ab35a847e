import * as fc from 'fast-check';
import type { RequestWriterEvent } from '../../../lib/core/events.js';
import { NEED_DATA } from '../../../lib/core/pull-reader.js';
import { RequestReader } from '../../../lib/core/request/request-reader.js';
import { RequestWriter } from '../../../lib/core/request/request-writer.js';
import { factsThrownBy } from '../../helpers/faults/error-facts.js';
import { FUZZ_RUNS } from '../../helpers/fuzz-runs.js';
import { validRequest } from '../../helpers/wire/request-arbitraries.js';
import { show, wire } from '../../helpers/wire/wire.js';

const BODY: RequestWriterEvent = { type: 'request-body', data: wire('ab') };
const END: RequestWriterEvent = { type: 'request-end' };

const headOf = (variables: object, contentLength?: number): RequestWriterEvent => ({
  type: 'request-headers',
  variables: variables as Record<string, string>,
  contentLength,
});

describe('RequestWriter', () => {
  it.each<[string, object, number | undefined, string]>([
    ['nothing', {}, undefined, '24:CONTENT_LENGTH␀0␀SCGI␀1␀,'],
    ['a length', {}, 27, '25:CONTENT_LENGTH␀27␀SCGI␀1␀,'],
    ['a length among the variables', { CONTENT_LENGTH: '5' }, undefined, '24:CONTENT_LENGTH␀5␀SCGI␀1␀,'],
    ['both, which agree', { CONTENT_LENGTH: '05' }, 5, '24:CONTENT_LENGTH␀5␀SCGI␀1␀,'],
    [
      'another order',
      { A: 'b', SCGI: '1', CONTENT_LENGTH: '0', C: '' },
      0,
      '31:CONTENT_LENGTH␀0␀SCGI␀1␀A␀b␀C␀␀,',
    ],
    [
      'pairs',
      [
        ['A', '\xe9'],
        ['__proto__', 'x'],
      ],
      0,
      '40:CONTENT_LENGTH␀0␀SCGI␀1␀A␀\xe9␀__proto__␀x␀,',
    ],
  ])('should write CONTENT_LENGTH first and SCGI second, from %s', (_name, variables, length, expected) => {
    expect(show(new RequestWriter().send(headOf(variables, length)))).toBe(expected);
  });

  it('should go from state to state', () => {
    const writer = new RequestWriter();
    const log = [headOf({}, 4), BODY, BODY, END].map((event) => [show(writer.send(event)), writer.state]);
    expect(log).toEqual([
      ['24:CONTENT_LENGTH␀4␀SCGI␀1␀,', 'body'],
      ['ab', 'body'],
      ['ab', 'body'],
      ['', 'done'],
    ]);
  });

  const sparse = [['A', '1']];
  sparse.length = 2;
  const invalid: readonly [string, object, number?][] = [
    ['an empty name', { '': 'x' }],
    ['NUL in a name', { 'A\0': 'x' }],
    ['NUL in a value', { A: '\0' }],
    ['a character above ff in a name', { '\u0100': 'x' }],
    ['a character above ff in a value', { A: '\u20ac' }],
    ['a value that is no string', { A: 5 }],
    ['text in place of a pair', ['AB']],
    ['a hole among pairs', sparse],
    ['a pair of three', [['A', '1', '2']]],
    [
      'a name twice',
      [
        ['A', '1'],
        ['A', '1'],
      ],
    ],
    [
      'CONTENT_LENGTH twice',
      [
        ['CONTENT_LENGTH', '0'],
        ['CONTENT_LENGTH', '0'],
      ],
    ],
    ['another version', { SCGI: '2' }],
    ['a CONTENT_LENGTH that is no number', { CONTENT_LENGTH: '5x' }],
    ['an empty CONTENT_LENGTH', { CONTENT_LENGTH: '' }],
    ['two lengths that differ', { CONTENT_LENGTH: '5' }, 6],
    ['a length that is no number and one that is', { CONTENT_LENGTH: 'x' }, 6],
    ['a negative length', {}, -1],
    ['half a byte', {}, 0.5],
    ['a length above 2^53-1', {}, 2 ** 53],
  ];
  it.each(invalid.map(([name, ...rest]) => [name, rest] as const))(
    'should refuse %s',
    (_name, [variables, length]) => {
      const writer = new RequestWriter();
      expect(factsThrownBy(() => writer.send(headOf(variables, length)))).toEqual({
        code: 'ERR_SCGI_HEADER_INVALID',
        status: 500,
      });
      expect(writer.state).toBe('failed');
    },
  );

  it.each<[string, string, readonly RequestWriterEvent[]]>([
    ['a body before the head', 'EVENT_ORDER', [BODY]],
    ['an end before the head', 'EVENT_ORDER', [END]],
    ['a second head', 'EVENT_ORDER', [headOf({}), headOf({})]],
    ['a body after the end', 'EVENT_ORDER', [headOf({}), END, BODY]],
    ['a second end', 'EVENT_ORDER', [headOf({}), END, END]],
    ['a body that is too long', 'BODY_LENGTH', [headOf({}, 3), BODY, BODY]],
    ['a body that is too short', 'BODY_LENGTH', [headOf({}, 3), BODY, END]],
    ['a body of text', 'BODY_TYPE', [headOf({}, 3), { type: 'request-body', data: 'abc' as never }]],
  ])('should refuse %s', (_name, code, events) => {
    const writer = new RequestWriter();
    for (const event of events.slice(0, -1)) writer.send(event);
    expect(factsThrownBy(() => writer.send(events.at(-1)!))).toEqual({
      code: `ERR_SCGI_${code}`,
      status: 500,
    });
    expect(writer.state).toBe('failed');
  });

  it('should refuse an event of an unknown type', () => {
    expect(() => new RequestWriter().send({ type: 'request-boddy' } as never)).toThrow(TypeError);
  });

  it('should write what a reader reads, and read what it writes', () => {
    fc.assert(
      fc.property(validRequest, ({ pairs, body }) => {
        const sent = [
          headOf(pairs, body.length),
          { type: 'request-body', data: wire(body) },
          END,
        ] as RequestWriterEvent[];
        const first = transfer(sent);
        const second = transfer(first.events);
        expect(second.bytes).toEqual(first.bytes);
        const [head] = second.events;
        const compulsory = [
          ['CONTENT_LENGTH', String(body.length)],
          ['SCGI', '1'],
        ];
        expect([...(head as unknown as { variables: Iterable<unknown> }).variables]).toEqual([
          ...compulsory,
          ...pairs,
        ]);
      }),
      { numRuns: FUZZ_RUNS },
    );
  });
});

/** Writes events and reads them. */
function transfer(sent: readonly RequestWriterEvent[]): { bytes: string; events: RequestWriterEvent[] } {
  const [writer, reader] = [new RequestWriter(), new RequestReader()];
  let bytes = '';
  for (const event of sent) {
    const data = writer.send(event);
    bytes += show(data);
    reader.receiveData(data);
  }
  const events: RequestWriterEvent[] = [];
  for (let event; (event = reader.nextEvent()) !== NEED_DATA;) events.push(event);
  return { bytes, events };
}
