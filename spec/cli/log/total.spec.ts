/** Logging never throws: every event gives one line of bounded length. */
import fc from 'fast-check';
import { commonLine } from '../../../lib/cli/log/common-log.js';
import { errorText } from '../../../lib/cli/log/error-text.js';
import { jsonLine } from '../../../lib/cli/log/json-log.js';
import { commandErrorOf } from '../../../lib/cli/command-error.js';
import type { ScgiRequest } from '../../../lib/operators/types.js';
import type { ServerEvent } from '../../../lib/server/server-event.js';
import { FUZZ_RUNS } from '../../helpers/fuzz-runs.js';
import { LINEAR, growthOf } from '../../helpers/growth.js';
import { requestWith } from '../../helpers/wire/requests.js';
import { FORGED, HUGE_VALUES, ODD_VALUES, thrownValue } from '../../helpers/faults/thrown-values.js';

const TIME = new Date(0);
const PRINTABLE = /^[^\p{C}\p{Zl}\p{Zp}]*$/u;
const request = requestWith({ REQUEST_URI: '/x' });

function expectLines(event: ServerEvent): void {
  const { text: common } = commonLine(event, TIME, false)!;
  const [, ...below] = commonLine(event, TIME, true)!.text.split('\n');
  const { text: json } = jsonLine(event, TIME)!;
  expect([common, json, ...below].filter((line) => line.length > 300_000 || !PRINTABLE.test(line))).toEqual(
    [],
  );
  expect(below.filter((line) => !line.startsWith('  '))).toEqual([]);
  expect(common).toContain('[01/Jan/1970:00:00:00 +0000]');
  expect(JSON.parse(json)).toMatchObject({ event: event.type });
}

function expectFailure(error: unknown): void {
  expectLines({ type: 'failure', error, request });
  expect(typeof errorText(error, 5)).toBe('string');
  expect(typeof commandErrorOf(error).message).toBe('string');
}

const response = {
  type: 'response',
  status: 200,
  aborted: false,
  bytesIn: 1,
  bytesOut: 2,
  durationMs: 3,
} as const;

describe('the lines of a log', () => {
  it.each(Object.entries({ ...ODD_VALUES, ...HUGE_VALUES }))(
    'should format a failure that is %s',
    (_what, make) => {
      expectFailure(make());
    },
  );

  it('should format a failure when the current folder has been removed', () => {
    const cwd = jest.spyOn(process, 'cwd').mockImplementation(() => {
      throw new Error('ENOENT: no such file or directory, uv_cwd');
    });
    try {
      expectFailure(new Error('boom'));
    } finally {
      cwd.mockRestore();
    }
  });

  it('should format any failure', () => {
    fc.assert(
      fc.property(thrownValue, (make) => expectFailure(make())),
      { numRuns: Math.ceil(FUZZ_RUNS / 5) },
    );
  });

  it('should format any request', () => {
    const fields = fc.constantFrom('variables', 'method', 'path', 'remoteAddress');
    fc.assert(
      fc.property(fc.dictionary(fields, thrownValue), fc.boolean(), (makers, throwing) => {
        const odd: object = {};
        for (const [key, make] of Object.entries(makers)) {
          if (throwing) Object.defineProperty(odd, key, { get: fail });
          else Object.assign(odd, { [key]: make() });
        }
        expectLines({ ...response, request: odd as ScgiRequest });
        expectLines({ type: 'failure', error: new Error('x'), request: odd as ScgiRequest });
      }),
      { numRuns: Math.ceil(FUZZ_RUNS / 5) },
    );
  });

  it('should name the place in the code, not one that a message forges', () => {
    const { text } = commonLine(
      { type: 'failure', error: new Error(`no such: ${FORGED}`), request },
      TIME,
      false,
    )!;
    expect(text).toMatch(/\(spec\/cli\/log\/total\.spec\.ts:\d+:\d+\)$/);
  });

  it.each(['common', 'json'] as const)(
    'should be linear in the length of what a client sends: %s',
    (format) => {
      for (const unit of [' ', ' \n ', '\u001b', '\\', '"', FORGED]) {
        const prepare = (size: number): ServerEvent => {
          const hostile = unit.repeat(size / unit.length);
          const variables = new Map([['REQUEST_URI', hostile]]);
          const odd = { variables, method: hostile, remoteAddress: hostile } as unknown as ScgiRequest;
          return { type: 'failure', error: new Error(hostile), request: odd };
        };
        const line = (event: ServerEvent): unknown =>
          format === 'common' ? commonLine(event, TIME, true) : jsonLine(event, TIME);
        expect(growthOf(20_000, prepare, line)).toBeLessThan(LINEAR);
      }
    },
  );
});

function fail(): never {
  throw new Error('do not look');
}
