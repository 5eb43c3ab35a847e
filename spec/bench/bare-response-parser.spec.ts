/** The response parser that the benchmarks compare with: one that accepts and refuses what ours does. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { vectorsFor, type Vector } from '../helpers/wire/vectors.js';

const MODULE = join(__dirname, '../../bench/peers/by-hand/bare-response-parser.mjs');
const CHUNK_SIZES = [1, 2, 1_000_000];

/** What comes of an input: the head and the body, or that it was refused. */
type Reading = readonly [status: number, reason: string, fields: unknown, body: string] | 'refused';

/** A process of its own, because Jest cannot import an ES module. @returns for each vector its readings, one for each chunk size. */
function read(vectors: readonly Vector[]): readonly (readonly Reading[])[] {
  const program = `
    import { BareResponseParser } from ${JSON.stringify(MODULE)};
    let json = '';
    for await (const text of process.stdin.setEncoding('utf8')) json += text;
    const read = ({ input, method }, size) => {
      const bytes = Buffer.from(input, 'latin1');
      const parser = new BareResponseParser(method);
      let body = '';
      try {
        for (let at = 0; at < bytes.length; at += size)
          parser.push(bytes.subarray(at, at + size), (part) => (body += part.toString('latin1')));
        if (!parser.complete) parser.end();
      } catch {
        return 'refused';
      }
      return [parser.status, parser.statusText, parser.fields, body];
    };
    const readAll = (vector) => ${JSON.stringify(CHUNK_SIZES)}.map((size) => read(vector, size));
    console.log(JSON.stringify(JSON.parse(json).map(readAll)));`;
  const input = JSON.stringify(
    vectors.map((vector) => ({
      input: vector.input.toString('latin1'),
      method: vector.options?.requestMethod,
    })),
  );
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { input });
  return JSON.parse(output.toString()) as Reading[][];
}

describe('the response parser by hand', () => {
  // Its own limit is fixed.
  const vectors = vectorsFor('response').filter(({ options }) => options?.maxResponseHeadBytes === undefined);

  it('should agree with every vector, however its bytes are cut', () => {
    const readings = read(vectors);
    const found = vectors.map(({ name }, index) => ({ name, readings: readings[index] }));
    const expected = vectors.map(({ name, expect: { head, body, error } }) => {
      const reading = error ? 'refused' : [head?.status, head?.reason, head?.fields, body];
      return { name, readings: CHUNK_SIZES.map(() => reading) };
    });
    expect(found).toEqual(expected);
  });
});
