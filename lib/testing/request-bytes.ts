/** Makes SCGI requests as a gateway does, and broken ones as none should. SCGI §3 and §4. */
import type { ResponseHeaders } from '../core/events.js';
import { encodeLatin1 } from '../core/latin1.js';
import { verifyOptionNames, type OptionNames } from '../core/options.js';
import { quoted } from '../core/quoted.js';

/** What a request is made from; all of it is optional. */
export interface TestRequest {
  /** `REQUEST_METHOD`. Default `GET`. */
  readonly method?: string | undefined;
  /** `REQUEST_URI`: path and query as the client sent them. Default `/`. */
  readonly uri?: string | undefined;
  /** HTTP header fields: a record (arrays repeat the field), `Headers`, or pairs. Repeated ones are joined. */
  readonly headers?: ResponseHeaders | undefined;
  /**
   * Meta-variables that replace those worked out, or come on top; `undefined` takes one away. In pairs, a name that
   * comes again is sent again.
   */
  readonly variables?:
    | Readonly<Record<string, string | undefined>>
    | Iterable<readonly [name: string, value: string | undefined]>
    | undefined;
  /** Text goes out as UTF-8. */
  readonly body?: string | Uint8Array | undefined;
}

const TEST_REQUEST: OptionNames<TestRequest> = {
  method: true,
  uri: true,
  headers: true,
  variables: true,
  body: true,
};

type Pair = readonly [name: string, value: string];

// What no header can carry.
// eslint-disable-next-line no-control-regex
const NOT_IN_A_HEADER = /[^\x01-\xff]/;

/**
 * The bytes of an SCGI request: `CONTENT_LENGTH` first, `SCGI` second, then `REQUEST_METHOD`, `REQUEST_URI`,
 * `QUERY_STRING`, `SERVER_PROTOCOL`, `CONTENT_TYPE` and the `HTTP_*` of the headers, and the body.
 *
 *     requestBytes({ method: 'POST', uri: '/upload?n=1', headers: { 'Content-Type': 'text/plain' }, body: 'text' })
 *     requestBytes({ variables: { SCGI: undefined } })          // ERR_SCGI_VERSION_MISSING
 *     requestBytes({ variables: { CONTENT_LENGTH: '9' } })      // ERR_SCGI_PREMATURE_EOF
 *
 * @throws TypeError when a name or a value has a NUL or a character above ff, which no header can carry.
 */
export function requestBytes(request: TestRequest = {}): Uint8Array {
  verifyOptionNames('requestBytes', request, TEST_REQUEST);
  const { body = '' } = request;
  const data = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const pairs = replaced(headersOf(request, data.length), request.variables);
  let block = '';
  for (const [name, value] of pairs) {
    if (NOT_IN_A_HEADER.test(name + value)) {
      throw new TypeError(`the header ${quoted(name)} has a character outside of 01..ff`);
    }
    block += `${name}\0${value}\0`;
  }
  const head = encodeLatin1(`${block.length}:${block},`);
  const bytes = new Uint8Array(head.length + data.length);
  bytes.set(head);
  bytes.set(data, head.length);
  return bytes;
}

/** What a gateway would send. */
function headersOf({ method = 'GET', uri = '/', headers = {} }: TestRequest, bodyLength: number): Pair[] {
  const mark = uri.indexOf('?');
  const variables = new Map([
    ['CONTENT_LENGTH', String(bodyLength)],
    ['SCGI', '1'],
    ['REQUEST_METHOD', method],
    ['REQUEST_URI', uri],
    ['QUERY_STRING', mark < 0 ? '' : uri.slice(mark + 1)],
    ['SERVER_PROTOCOL', 'HTTP/1.1'],
  ]);
  const fields = new Map<string, string[]>();
  for (const [name, value] of Symbol.iterator in headers ? headers : Object.entries(headers)) {
    const variable = variableOf(name);
    fields.set(variable, (fields.get(variable) ?? []).concat(value));
  }
  const type = fields.get('CONTENT_TYPE');
  if (type) variables.set('CONTENT_TYPE', type.join(', '));
  for (const [name, values] of fields) variables.set(name, values.join(name === 'HTTP_COOKIE' ? '; ' : ', '));
  return [...variables];
}

/** RFC 3875 §4.1.18; the two that speak of the body have names of their own. */
function variableOf(field: string): string {
  const name = field.toUpperCase().replaceAll('-', '_');
  return name === 'CONTENT_TYPE' || name === 'CONTENT_LENGTH' ? name : `HTTP_${name}`;
}

/** Each replacement stands where what it replaces stood. */
function replaced(pairs: readonly Pair[], variables: TestRequest['variables'] = {}): Pair[] {
  const others = new Map<string, (string | undefined)[]>();
  for (const [name, value] of Symbol.iterator in variables ? variables : Object.entries(variables)) {
    others.set(name, [...(others.get(name) ?? []), value]);
  }
  const result: Pair[] = [];
  const put = (name: string, values: readonly (string | undefined)[]): void => {
    for (const value of values) if (value !== undefined) result.push([name, value]);
  };
  for (const [name, value] of pairs) {
    put(name, others.get(name) ?? [value]);
    others.delete(name);
  }
  for (const [name, values] of others) put(name, values);
  return result;
}
