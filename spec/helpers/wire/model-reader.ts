import { verifyReaderOptions, type ReaderLimits, type ReaderOptions } from '../../../lib/core/options.js';
import { show } from './wire.js';

const MUST_AGREE = ['CONTENT_LENGTH', 'SCGI', 'HTTP_CONTENT_LENGTH'];
/** Of the fields that the arbitraries repeat. */
const MODEL_SINGLETONS = ['HTTP_CONTENT_LENGTH', 'HTTP_HOST'];

type Pair = [name: string, value: string, offset: number];

/**
 * The log of a request, found as differently from the reader as can be: from all of the input at once, by splitting
 * it, each rule of the error table after the other.
 */
export function modelLog(input: Uint8Array, options: ReaderOptions = {}): string[] {
  const limits = verifyReaderOptions(options);
  const text = show(input);
  const prematureEnd = `${text.length} fault ERR_SCGI_PREMATURE_EOF status=400 offset=${text.length}`;
  const digits = /^[0-9]*/.exec(text)?.[0] ?? '';

  if (digits.startsWith('0')) return [badLength(text, 0)];
  for (let count = 1; count <= digits.length; count++) {
    const announced = Number(digits.slice(0, count));
    if (announced <= limits.maxHeaderBytes) continue;
    const bounds = `limit=${limits.maxHeaderBytes} actual=${announced}`;
    return [`${count} fault ERR_SCGI_HEADERS_TOO_LARGE status=431 offset=${count - 1} ${bounds}`];
  }
  if (digits.length === text.length) return [prematureEnd];
  if (digits === '' || text[digits.length] !== ':') return [badLength(text, digits.length)];

  const start = digits.length + 1;
  const comma = start + Number(digits);
  if (text.length <= comma) return [prematureEnd];
  const blockFault = (code: string, facts: string): string[] => [
    `${comma + 1} fault ERR_SCGI_${code} ${facts}`,
  ];
  if (text[comma] !== ',') return blockFault('NETSTRING_TERMINATOR', `status=400 offset=${comma}`);

  const head = headOf(text.slice(start, comma), start, limits);
  if (!('contentLength' in head)) return blockFault(head.code, head.facts);
  const { pairs, contentLength } = head;
  const headers = Array.from(mergePairs(pairs), ([name, value]) => ` ${name}=${value}`).join('');
  const log = [`${comma + 1} headers ${contentLength}${headers}`];
  const end = Math.min(text.length, comma + 1 + contentLength);
  if (end > comma + 1) log.push(`${end} body ${text.slice(comma + 1, end)}`);
  return [...log, end === comma + 1 + contentLength ? `${end} end` : prematureEnd];
}

interface ModelFault {
  readonly code: string;
  readonly facts: string;
}
interface ModelHead {
  readonly pairs: readonly Pair[];
  readonly contentLength: number;
}

function headOf(block: string, start: number, limits: ReaderLimits): ModelFault | ModelHead {
  const fault = (code: string, offset: number, facts = ''): ModelFault => ({
    code,
    facts: `status=${facts === '' ? 400 : code === 'BODY_TOO_LARGE' ? 413 : 431} offset=${offset}${facts}`,
  });
  const end = start + block.length;
  if (!block.endsWith('␀')) return fault('HEADERS_UNTERMINATED', end - 1);
  const strings = block.slice(0, -1).split('␀');
  if (strings.length % 2 === 1) return fault('HEADERS_ODD', end - 1 - (strings.at(-1)?.length ?? 0));

  const pairs: Pair[] = [];
  let offset = start;
  for (let index = 0; index < strings.length; index += 2) {
    const [name = '', value = ''] = strings.slice(index, index + 2);
    pairs.push([name, value, offset]);
    offset += name.length + value.length + 2;
  }
  const { maxHeaders, maxBodyBytes } = limits;
  const tooMany = pairs[maxHeaders];
  if (tooMany) return fault('TOO_MANY_HEADERS', tooMany[2], ` limit=${maxHeaders} actual=${pairs.length}`);
  for (const [index, [name, value, at]] of pairs.entries()) {
    if (name === '') return fault('HEADER_NAME_EMPTY', at);
    const isRepeated = pairs.slice(0, index).some(([earlier]) => earlier === name);
    const agrees = pairs.slice(0, index).every(([earlier, text]) => earlier !== name || text === value);
    const isTolerated = limits.lenientDuplicates && (agrees || !MUST_AGREE.includes(name));
    if (isRepeated && !isTolerated) return fault('HEADER_DUPLICATE', at);
  }

  const version = pairs.find(([name]) => name === 'SCGI');
  if (!version) return fault('VERSION_MISSING', end);
  if (version[1] !== '1') return fault('VERSION_UNSUPPORTED', version[2] + 5);
  const length = pairs.find(([name]) => name === 'CONTENT_LENGTH');
  if (!length) return fault('CONTENT_LENGTH_MISSING', end);
  const valueOffset = length[2] + 15;
  const announced = wholeNumber(length[1]);
  if (announced === undefined) return fault('CONTENT_LENGTH_INVALID', valueOffset);
  const fromClient = wholeNumber(mergePairs(pairs).get('HTTP_CONTENT_LENGTH') ?? '') ?? 0;
  if (fromClient > announced && !limits.lenientContentLength)
    return fault('CONTENT_LENGTH_MISMATCH', valueOffset);
  if (limits.strict && length !== pairs[0]) return fault('CONTENT_LENGTH_POSITION', length[2]);
  const contentLength = Math.max(announced, fromClient);
  if (contentLength > maxBodyBytes) {
    return fault('BODY_TOO_LARGE', valueOffset, ` limit=${maxBodyBytes} actual=${contentLength}`);
  }
  return { pairs, contentLength };
}

function badLength(text: string, offset: number): string {
  const first = text.charAt(0);
  const foreign = /[A-Z]/.test(first)
    ? 'http'
    : first === '\x16'
      ? 'tls'
      : first === '␀'
        ? 'uwsgi'
        : undefined;
  const suffix = offset === 0 && foreign ? ` foreignProtocol=${foreign}` : '';
  return `${offset + 1} fault ERR_SCGI_NETSTRING_LENGTH status=400 offset=${offset}${suffix}`;
}

function wholeNumber(text: string): number | undefined {
  if (!/^[0-9]+$/.test(text) || BigInt(text) > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  return Number(text);
}

function mergePairs(pairs: readonly Pair[]): Map<string, string> {
  const names = [...new Set(pairs.map(([name]) => name))];
  return new Map(
    names.map((name) => {
      const values = pairs.filter(([other]) => other === name).map(([, value]) => value);
      const isList = name.startsWith('HTTP_') && !MODEL_SINGLETONS.includes(name);
      const separator = name === 'HTTP_COOKIE' ? '; ' : ', ';
      return [name, isList ? values.join(separator) : (values.at(-1) ?? '')];
    }),
  );
}
