/** The vectors of vectors/*.json, for those who run them. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ReaderOptions, ResponseReaderOptions } from '../../../lib/core/index.js';

const FOLDER = join(__dirname, '../../../vectors');

/** Bytes as a vector has them: ␀ is NUL; long ones are parts and repetitions. */
type Text = string | readonly (string | { readonly repeat: string; readonly times: number })[];
type Pairs = readonly (readonly [name: string, value: Text])[];
/** A number of bytes that have been read, or the end of the input. */
export type Place = number | 'eof';

/** What a reader makes of an input. */
interface OutcomeOf<T> {
  readonly headers?: {
    readonly at: Place;
    readonly contentLength: number;
    readonly variables: readonly (readonly [string, T])[];
  };
  readonly head?: {
    readonly at: Place;
    readonly status: number;
    readonly reason: string;
    readonly fields: readonly (readonly [string, T])[];
    readonly localRedirect?: string;
  };
  readonly body?: T;
  readonly end?: Place;
  readonly surplus?: number;
  readonly error?: {
    readonly at: Place;
    readonly code: string;
    readonly offset: number;
    readonly status: number;
    readonly limit?: number;
    readonly actual?: number;
  };
}

export type Outcome = OutcomeOf<string>;

interface VectorFile {
  readonly reads: 'request' | 'response';
  readonly verdict: 'valid' | 'tolerated' | 'refused';
  readonly vectors: readonly {
    readonly name: string;
    readonly basis: 'specification' | 'policy' | 'limit';
    readonly options?: ReaderOptions & ResponseReaderOptions;
    readonly input: Text;
    readonly expect: OutcomeOf<Text>;
  }[];
}

export interface Vector {
  readonly name: string;
  readonly verdict: VectorFile['verdict'];
  readonly basis: VectorFile['vectors'][number]['basis'];
  readonly options: (ReaderOptions & ResponseReaderOptions) | undefined;
  readonly input: Buffer;
  readonly expect: Outcome;
}

/** The files, as they are. */
export function vectorFiles(): [name: string, content: VectorFile][] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json') && name !== 'schema.json');
  return names.map((name) => [name, readJson(name) as VectorFile]);
}

export function readJson(name: string): unknown {
  return JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
}

/** The vectors of all files for one of the two readers; texts have each byte as a character. */
export function vectorsFor(reads: VectorFile['reads']): Vector[] {
  const files = vectorFiles().filter(([, file]) => file.reads === reads);
  return files.flatMap(([, { verdict, vectors }]) =>
    vectors.map(({ name, basis, options, input, expect }) => {
      const bytes = Buffer.from(expand(input), 'latin1');
      return { name, verdict, basis, options, input: bytes, expect: expandOutcome(expect) };
    }),
  );
}

function expand(text: Text): string {
  const parts = typeof text === 'string' ? [text] : text;
  const whole = parts.map((part) => (typeof part === 'string' ? part : part.repeat.repeat(part.times)));
  return whole.join('').replaceAll('␀', '\0');
}

function expandOutcome({ headers, head, body, ...rest }: OutcomeOf<Text>): Outcome {
  return {
    ...rest,
    ...(headers && { headers: { ...headers, variables: expandPairs(headers.variables) } }),
    ...(head && { head: { ...head, fields: expandPairs(head.fields) } }),
    ...(body !== undefined && { body: expand(body) }),
  };
}

function expandPairs(pairs: Pairs): [string, string][] {
  return pairs.map(([name, value]) => [expand(name), expand(value)]);
}
