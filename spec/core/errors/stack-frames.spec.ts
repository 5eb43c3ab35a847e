import fc from 'fast-check';
import { framesOf } from '../../../lib/core/errors/stack-frames.js';
import { FUZZ_RUNS } from '../../helpers/fuzz-runs.js';
import { FORGED } from '../../helpers/faults/thrown-values.js';

const FRAMES = '\n    at handle (file:///a.mjs:1:2)\n    at async Promise.all (index 0)\n    at node:x:3:4';
const FOUND = ['at handle (file:///a.mjs:1:2)', 'at async Promise.all (index 0)', 'at node:x:3:4'];

describe('framesOf', () => {
  it.each([
    ['a message', 'no such', 'Error: no such'],
    ['no message', '', 'Error'],
    ['a code in its head', 'no such', 'TypeError [ERR_X]: no such'],
    ['a message without a name', 'no such', 'no such'],
    ['a message of frames', FORGED, `Error: ${FORGED}`],
    ['a message that ends with frames', `no such: ${FORGED}`, `Error: no such: ${FORGED}`],
    ['a message that ends with a line end', 'no\n', 'Error: no\n'],
    ['a message that ends with a frame and blanks', `${FORGED}  \n`, `Error: ${FORGED}  \n`],
    ['a message that was changed later', 'new', 'Error: old'],
    ['a source line before its head', 'no', 'file:///a.ts:3\n  source\n  ^\n\nError: no'],
  ])('should find the frames after %s', (_what, message, head) => {
    expect(framesOf(head + FRAMES, message, 'Error')).toEqual(FOUND);
    expect(framesOf(head, message, 'Error')).toEqual([]);
  });

  it('should not mistake a name for frames', () => {
    expect(framesOf(`${FORGED}${FRAMES}`, '', FORGED)).toEqual(FOUND);
  });

  it('should find only the frames that V8 has added, whatever the message', () => {
    const text = fc.oneof(
      fc.string(),
      fc
        .array(fc.constantFrom(FORGED, FRAMES, '\n', ': ', 'x', '    at '), { maxLength: 6 })
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (message) => {
        const error = new Error(message);
        const expected = error.stack!.slice(`Error: ${message}`.length).trim().split('\n');
        expect(framesOf(error.stack, message, 'Error')).toEqual(expected.map((line) => line.trim()));
      }),
      { numRuns: FUZZ_RUNS },
    );
  });

  it('should include the place that Node.js puts before the stack of a syntax error, and of no other error', () => {
    const stack = `/app/a.cjs:3\nlet x = ;\n        ^\n\nSyntaxError: no${FRAMES}`;
    expect(framesOf(stack, 'no', 'SyntaxError')).toEqual(['at /app/a.cjs:3', ...FOUND]);
    expect(framesOf(stack, 'no', 'Error')).toEqual(FOUND);
  });

  it('should return the 50 innermost frames, cut at 500 characters', () => {
    const frames = Array.from({ length: 60 }, (_, depth) => `    at f${depth} ${'x'.repeat(600)}`).join('\n');
    const found = framesOf(`Error: no\n${frames}`, 'no', 'Error');
    expect(found).toHaveLength(50);
    expect(found[0]).toMatch(/^at f0 x{490,500}$/);
  });

  it.each([
    ['a number', 5],
    ['nothing', undefined],
    ['an object', {}],
    ['no text', ''],
    ['line ends', '\n\n'],
  ])('should find none in %s', (_what, stack) => {
    expect(framesOf(stack, 'no', 'Error')).toEqual([]);
  });
});
