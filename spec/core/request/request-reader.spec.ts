import * as fc from 'fast-check';
import { NEED_DATA } from '../../../lib/core/pull-reader.js';
import { RequestReader } from '../../../lib/core/request/request-reader.js';
import type { ReaderOptions } from '../../../lib/core/options.js';
import { byteByByte, cut, everyTwoPartCut } from '../../helpers/wire/cuts.js';
import { factsOf, factsThrownBy } from '../../helpers/faults/error-facts.js';
import { FUZZ_RUNS } from '../../helpers/fuzz-runs.js';
import { describeFault, describeHeaders, readRequest } from '../../helpers/wire/read-request.js';
import { REQUESTS } from '../../helpers/wire/request-fixtures.js';
import { anyRequest, chunkSizes, readerOptions } from '../../helpers/wire/request-arbitraries.js';
import { show, wire } from '../../helpers/wire/wire.js';

const REQUEST = '24:CONTENT_LENGTH␀4␀SCGI␀1␀,body';

describe('RequestReader', () => {
  it.each(REQUESTS)('should $should, however it is cut', ({ input, options }) => {
    const bytes = wire(input);
    const expected = logOf(readRequest(bytes, [], options));
    const step = bytes.length > 500 ? 97 : 1;
    const cuts = everyTwoPartCut(bytes.length).filter((_, index) => index % step === 0);
    for (const sizes of [[], byteByByte(bytes.length), ...cuts])
      expect(pull(bytes, sizes, options)).toEqual(expected);
  });

  it('should give what the operators give, whatever arrives and however it is cut', () => {
    fc.assert(
      fc.property(anyRequest, chunkSizes, readerOptions, (input, sizes, options) => {
        expect(pull(input, sizes, options)).toEqual(logOf(readRequest(input, sizes, options)));
      }),
      { numRuns: FUZZ_RUNS },
    );
  });

  it('should ask for data until there is an event, and give the events before a fault first', () => {
    const reader = new RequestReader();
    expect([reader.nextEvent(), reader.nextEvent()]).toEqual([NEED_DATA, NEED_DATA]);
    reader.receiveData(wire(REQUEST.slice(0, 30)));
    expect([nextType(reader), nextType(reader), nextType(reader)]).toEqual([
      'request-headers',
      'request-body',
      'NEED_DATA',
    ]);
    reader.receiveData(wire(REQUEST.slice(30, 31)));
    reader.receiveData(null);
    expect(nextType(reader)).toBe('request-body');
    const facts = { code: 'ERR_SCGI_PREMATURE_EOF', status: 400, offset: 31 };
    expect([factsThrownBy(() => reader.nextEvent()), factsThrownBy(() => reader.nextEvent())]).toEqual([
      facts,
      facts,
    ]);
  });

  it('should have the state of the last event that it returned', () => {
    const reader = new RequestReader();
    reader.receiveData(wire(REQUEST));
    const states = [reader.state, ...[1, 2, 3, 4].map(() => [nextType(reader), reader.state])];
    expect(states).toEqual([
      'head',
      ['request-headers', 'body'],
      ['request-body', 'body'],
      ['request-end', 'done'],
      ['NEED_DATA', 'done'],
    ]);
    const failing = new RequestReader();
    failing.receiveData(wire('x'));
    expect(failing.state).toBe('head');
    expect(() => failing.nextEvent()).toThrow();
    expect(failing.state).toBe('failed');
  });

  it('should return all parts of a body that arrive before anybody asks, in their order', () => {
    const reader = new RequestReader();
    reader.receiveData(wire(REQUEST.slice(0, -4)));
    expect(nextType(reader)).toBe('request-headers');
    for (const byte of REQUEST.slice(-4)) reader.receiveData(wire(byte));
    expect(eventsOf(reader)).toEqual(['b', 'o', 'd', 'y', 'request-end']);
  });

  it('should drop bytes after the request and offer an error to report', () => {
    const reader = new RequestReader();
    reader.receiveData(wire(REQUEST));
    expect(reader.surplus).toBeUndefined();
    reader.receiveData(wire('more'));
    reader.receiveData(wire('and more'));
    expect(factsOf(reader.surplus)).toEqual({ code: 'ERR_SCGI_BODY_SURPLUS', status: 400, offset: 32 });
    reader.receiveData(null);
    expect([1, 2, 3, 4].map(() => nextType(reader))).toEqual([
      'request-headers',
      'request-body',
      'request-end',
      'NEED_DATA',
    ]);
  });

  it('should drop bytes after a fault', () => {
    const reader = new RequestReader();
    reader.receiveData(wire('x'));
    reader.receiveData(wire(REQUEST));
    reader.receiveData(null);
    expect(factsThrownBy(() => reader.nextEvent())).toMatchObject({
      code: 'ERR_SCGI_NETSTRING_LENGTH',
      offset: 0,
    });
  });

  it('should refuse data after the end, and take a second end', () => {
    const reader = new RequestReader();
    reader.receiveData(null);
    reader.receiveData(null);
    expect(factsThrownBy(() => reader.receiveData(wire('x')))).toMatchObject({
      code: 'ERR_SCGI_EVENT_ORDER',
    });
    expect(factsThrownBy(() => reader.nextEvent())).toMatchObject({
      code: 'ERR_SCGI_PREMATURE_EOF',
      offset: 0,
    });
  });

  it.each([undefined, 'text', 5, {}, new Uint16Array(1), new DataView(new ArrayBuffer(1))])(
    'should refuse %p as data',
    (data) => {
      expect(() => new RequestReader().receiveData(data as never)).toThrow(TypeError);
    },
  );

  it('should refuse invalid options', () => {
    expect(() => new RequestReader({ maxHeaders: 0 })).toThrow(RangeError);
    expect(() => new RequestReader({ maxHeaderz: 1 } as never)).toThrow(TypeError);
  });
});

/** The text of each part of the body that waits, and the types of other events. */
function eventsOf(reader: RequestReader): string[] {
  const found: string[] = [];
  for (let event; (event = reader.nextEvent()) !== NEED_DATA;)
    found.push(event.type === 'request-body' ? show(event.data) : event.type);
  return found;
}

function nextType(reader: RequestReader): string {
  const event = reader.nextEvent();
  return event === NEED_DATA ? 'NEED_DATA' : event.type;
}

function logOf({ events }: ReturnType<typeof readRequest>): string[] {
  // The length of the body is not part of the event.
  return events.map(({ what }) => what.replace(/^headers [0-9]+/, 'headers'));
}

/** Reads `input` in pieces, and logs the events as {@link readRequest} does. */
function pull(input: Uint8Array, sizes: Iterable<number>, options?: ReaderOptions): string[] {
  const reader = new RequestReader(options);
  const log: string[] = [];
  let body = '';
  const add = (line: string): void => {
    if (body !== '') log.push(`body ${body}`);
    body = '';
    log.push(line);
  };
  const takeEvents = (): void => {
    for (let event; (event = reader.nextEvent()) !== NEED_DATA;) {
      if (event.type === 'request-headers') add(describeHeaders(event.variables));
      else if (event.type === 'request-end') add('end');
      else body += show(event.data);
    }
  };
  try {
    for (const chunk of cut(input, sizes)) {
      reader.receiveData(chunk);
      takeEvents();
    }
    reader.receiveData(null);
    takeEvents();
  } catch (fault) {
    add(describeFault(fault));
  }
  return log;
}
