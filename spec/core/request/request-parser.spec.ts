import type { MetaVariables } from '../../../lib/core/headers/meta-variables.js';
import { verifyReaderOptions } from '../../../lib/core/options.js';
import { RequestParser, type RequestSink } from '../../../lib/core/request/request-parser.js';
import { countAllocatedBytes } from '../../helpers/count-allocated-bytes.js';
import { byteByByte, cut, everyTwoPartCut } from '../../helpers/wire/cuts.js';
import { factsOf, factsThrownBy } from '../../helpers/faults/error-facts.js';
import type { FaultFixture, FaultGroup } from '../../helpers/faults/fault-fixture.js';
import { HEADER_BLOCK_FAULTS } from '../../helpers/faults/header-block-faults.js';
import { NETSTRING_FAULTS, PREMATURE } from '../../helpers/faults/netstring-faults.js';
import { placeEvents, readRequest } from '../../helpers/wire/read-request.js';
import { REQUESTS, type RequestFixture } from '../../helpers/wire/request-fixtures.js';
import { REQUEST_HEAD_FAULTS } from '../../helpers/faults/request-head-faults.js';
import { wire } from '../../helpers/wire/wire.js';

const SURPLUS = ['x', '␀', ',', '24:CONTENT_LENGTH␀0␀SCGI␀1␀,'];

/** Above this, only some of the cuts into two parts are tried: each costs as much as the input is long. */
const EVERY_CUT_BYTES = 2000;

describe('RequestParser', () => {
  describe('with a request that is in order', () => {
    for (const fixture of REQUESTS) {
      it(`should ${fixture.should}, however it is cut and whatever follows`, () => {
        replay(fixture);
        for (const surplus of SURPLUS) replay(fixture, surplus);
      });
    }
  });

  for (const group of [...NETSTRING_FAULTS, ...HEADER_BLOCK_FAULTS, ...REQUEST_HEAD_FAULTS]) {
    describe(group.code, () => {
      for (const fault of group.rows) {
        it(`should be raised for ${fault.fault}, however it is cut and whatever follows`, () => {
          const fixture = fixtureOf(group, fault);
          replay(fixture);
          for (const surplus of SURPLUS) replay(fixture, surplus);
        });
      }
    });
  }

  describe(PREMATURE.code, () => {
    for (const fault of PREMATURE.rows) {
      it(`should be raised for ${fault.fault}, however it is cut`, () => replay(fixtureOf(PREMATURE, fault)));
    }
  });

  describe('stop', () => {
    const input = wire('24:CONTENT_LENGTH␀4␀SCGI␀1␀,bodysurplus');

    it.each([
      ['requestHeaders', ['requestHeaders']],
      ['requestBody', ['requestHeaders', 'requestBody']],
      ['requestEnd', ['requestHeaders', 'requestBody', 'requestEnd']],
    ] as const)('should end the events when called from %s', (last, expected) => {
      const calls: string[] = [];
      const { reader } = readerWith((call) => {
        calls.push(call);
        if (call === last) reader.stop();
      });
      reader.push(input);
      reader.push(input);
      reader.end();
      expect({ calls, finished: reader.finished }).toEqual({ calls: expected, finished: true });
    });

    it('should drop a header block that is half collected', () => {
      const { reader, calls } = readerWith();
      reader.push(input.subarray(0, 20));
      reader.stop();
      reader.push(input.subarray(20));
      reader.end();
      expect(calls).toEqual([]);
    });
  });

  describe('bytes after the request', () => {
    const request = '24:CONTENT_LENGTH␀4␀SCGI␀1␀,body';
    const surplusOf = (sizes: Iterable<number>, surplus: string, stopAt?: Call): unknown[] => {
      const told: unknown[] = [];
      const reader: RequestParser = new RequestParser(verifyReaderOptions(), {
        requestHeaders: () => stopAt === 'requestHeaders' && reader.stop(),
        requestBody: () => undefined,
        requestEnd: () => stopAt === 'requestEnd' && reader.stop(),
        requestSurplus: (fault) => told.push(factsOf(fault)),
      });
      for (const chunk of cut(wire(request + surplus), sizes)) reader.push(chunk);
      reader.end();
      return told;
    };
    const told = [{ code: 'ERR_SCGI_BODY_SURPLUS', status: 400, offset: 32 }];

    it('should be reported once, at the first of them, however they are cut', () => {
      for (const sizes of [[], byteByByte(40), ...everyTwoPartCut(40)])
        expect(surplusOf(sizes, '12345678')).toEqual(told);
    });

    it('should not be reported when there are none', () => {
      expect(surplusOf([32, 0], '')).toEqual([]);
    });

    it('should be reported after stop, also when that was within the body', () => {
      expect(surplusOf([32], 'x', 'requestEnd')).toEqual(told);
      expect(surplusOf([30], 'x', 'requestHeaders')).toEqual(told);
    });
  });

  it('should forward what a sink throws, and stop', () => {
    const boom = new Error('boom');
    const { reader, calls } = readerWith((call) => {
      if (call === 'requestHeaders') throw boom;
    });
    const input = wire('24:CONTENT_LENGTH␀4␀SCGI␀1␀,body');
    expect(() => reader.push(input)).toThrow(boom);
    reader.push(input);
    reader.end();
    expect({ calls, finished: reader.finished }).toEqual({ calls: ['requestHeaders'], finished: true });
  });

  it.each(['length', 'headers', 'body'])('should throw for anything but bytes within the %s', (part) => {
    const { reader } = readerWith();
    const input = wire('24:CONTENT_LENGTH␀4␀SCGI␀1␀,body');
    reader.push(input.subarray(0, { length: 1, headers: 9, body: 29 }[part]));
    for (const chunk of ['CON', [67], new Uint16Array(1), new ArrayBuffer(3), null])
      expect(() => reader.push(chunk as never)).toThrow(TypeError);
  });

  it('should raise one fault, and no second one at the end', () => {
    const { reader } = readerWith();
    expect(factsThrownBy(() => reader.push(wire('x'))).offset).toBe(0);
    reader.push(wire('x'));
    reader.end();
    expect(reader.finished).toBe(true);
  });

  it('should count the received bytes, surplus included, and report when it has finished', () => {
    const { reader } = readerWith();
    const history = cut(wire('24:CONTENT_LENGTH␀4␀SCGI␀1␀,bodysurplus'), [0, 3, 25, 0, 3, 1, 7]).map(
      (chunk) => {
        reader.push(chunk);
        return [reader.bytesRead, reader.finished];
      },
    );
    expect(history).toEqual([
      [0, false],
      [3, false],
      [28, false],
      [28, false],
      [31, false],
      [32, true],
      [39, true],
    ]);
  });

  it('should deliver the body as views of its chunks, and a chunk itself if all of it is body', () => {
    const data: Uint8Array[] = [];
    const { reader } = readerWith((_call, argument) => {
      if (argument instanceof Uint8Array) data.push(argument);
    });
    const chunks = cut(wire('24:CONTENT_LENGTH␀6␀SCGI␀1␀,abcdefg'), [30, 2]);
    for (const chunk of chunks) reader.push(chunk);
    expect(data).toEqual([wire('ab'), wire('cd'), wire('ef')]);
    expect(data.every((piece, index) => piece.buffer === chunks[index]?.buffer)).toBe(true);
    expect(data[1]).toBe(chunks[1]);
  });

  describe('memory', () => {
    it('should cost an idle connection less than 1 kB, however large a block it has announced', () => {
      const { reader } = readerWith();
      const begun = wire('60000:CONTENT_LEN');
      expect(countAllocatedBytes(() => reader.push(begun))).toBeLessThan(1024);
    });

    it('should copy a header block no more than a constant number of times, byte by byte', () => {
      const value = 'v'.repeat(60_000);
      const chunks = cut(wire(`60027:CONTENT_LENGTH␀0␀SCGI␀1␀A␀${value}␀,`), byteByByte(60_034));
      const { reader, calls } = readerWith();
      const allocated = countAllocatedBytes(() => {
        for (const chunk of chunks) reader.push(chunk);
      });
      expect(calls).toEqual(['requestHeaders', 'requestEnd']);
      expect(allocated).toBeLessThan(3 * 60_027);
    });

    it('should not copy a header block that arrives whole', () => {
      const input = wire('24:CONTENT_LENGTH␀0␀SCGI␀1␀,');
      const { reader, calls } = readerWith();
      expect(countAllocatedBytes(() => reader.push(input))).toBe(0);
      expect(calls).toEqual(['requestHeaders', 'requestEnd']);
    });
  });
});

function fixtureOf({ code, status }: FaultGroup, row: FaultFixture): RequestFixture {
  const { fault, input, options, after = [], raisedAt, ...facts } = row;
  const details = Object.entries({ status, ...facts }).map(([name, value]) => ` ${name}=${value}`);
  return {
    should: fault,
    input,
    ...(options && { options }),
    log: [...after, `${raisedAt} fault ${code}${details.join('')}`],
  };
}

/** Reads the input whole, byte by byte, and cut in two at every place. */
function replay({ input, options, log }: RequestFixture, surplus = ''): void {
  const bytes = wire(input + surplus);
  const step = bytes.length > EVERY_CUT_BYTES ? 97 : 1;
  const cuts = everyTwoPartCut(bytes.length).filter((_, index) => index % step === 0);
  for (const sizes of [[], byteByByte(bytes.length), ...cuts]) {
    expect(placeEvents(readRequest(bytes, sizes, options).events, log)).toEqual(log);
  }
}

type Call = keyof RequestSink;

/** A reader, and the names of the sink's methods that it has called, each of which `onCall` hears of. */
function readerWith(onCall?: (call: Call, argument?: MetaVariables | Uint8Array) => void): {
  reader: RequestParser;
  calls: Call[];
} {
  const calls: Call[] = [];
  const record = (call: Call) => (argument?: MetaVariables | Uint8Array) => {
    calls.push(call);
    onCall?.(call, argument);
  };
  const reader = new RequestParser(verifyReaderOptions(), {
    requestHeaders: record('requestHeaders'),
    requestBody: record('requestBody'),
    requestEnd: record('requestEnd'),
  });
  return { reader, calls };
}
