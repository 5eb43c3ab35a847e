/** Makes a plan of the arguments of `rxscgi request`. */
import { of, type Observable } from 'rxjs';
import type { ScgiCallInit } from '../../node/client/call-options.js';
import { misuse } from '../command-error.js';
import { limitOf } from '../flags/limit-flags.js';
import type { ParsedFlags } from '../flags/parse-flags.js';
import { dataOf, timeoutOf, type CallFlag } from './call-flags.js';
import { callInitOf } from './call-init.js';
import { requestBody, type RequestBody } from './request-body.js';

/** What `rxscgi request` is to do. */
export interface RequestPlan {
  readonly address: string;
  /** Verified; without the body. */
  readonly init: ScgiCallInit;
  readonly body: Observable<RequestBody>;
  /** For everything, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether the head of the response is printed. */
  readonly include: boolean;
  /** Whether what goes over the wire is shown. */
  readonly verbose: boolean;
}

/** @throws CommandError naming what is wrong. */
export function requestPlanOf(parsed: ParsedFlags, flags: readonly CallFlag[], hint: string): RequestPlan {
  const { values } = parsed;
  const { address, method, uri } = wordsOf(parsed, hint);
  const data = dataOf(parsed, hint);
  const length = values.get('content-length')?.at(-1);
  // Without it, an empty body would go out, whatever waits on stdin.
  if (length !== undefined && data === undefined)
    throw misuse('--content-length is the length of a body: give that by -d, such as -d @-', hint);
  const bytes = length === undefined ? undefined : limitOf('content-length', length, hint);
  const headers = contentFieldsOf(data, values.has('json'));
  const target = { address, method: method ?? (data === undefined ? 'GET' : 'POST'), uri, headers };
  return {
    address,
    init: callInitOf(parsed, target, flags, hint),
    body: data === undefined ? of({}) : requestBody(data, bytes, hint),
    timeoutMs: timeoutOf(parsed, Infinity, hint),
    include: values.has('include'),
    verbose: values.has('verbose'),
  };
}

/** ADDRESS [METHOD] [URI] */
function wordsOf(
  { positionals }: ParsedFlags,
  hint: string,
): { address: string; method: string | undefined; uri: string } {
  const [address, ...words] = positionals;
  if (address === undefined) throw misuse('no ADDRESS of the application', hint);
  const hasMethod = words.length > 0 && !/^[/*]/.test(words[0] as string);
  const method = hasMethod ? words.shift() : undefined;
  const [uri = '/', more] = words;
  if (more !== undefined) throw misuse(`${JSON.stringify(more)} is one argument too many`, hint);
  return { address, method, uri };
}

/** The fields about the content, by default. */
export function contentFieldsOf(data: string | undefined, isJson = false): [name: string, value: string][] {
  const fields: [string, string][] = [];
  if (data !== undefined)
    fields.push(['Content-Type', isJson ? 'application/json' : 'application/x-www-form-urlencoded']);
  if (isJson) fields.push(['Accept', 'application/json']);
  return fields;
}
