/** The requests of the benchmarks, as a gateway would send them. */
import { blockOf, headOf } from '../shared/scgi-head.mjs';

/** The header fields of a browser, also used for the HTTP load. */
export const BROWSER_FIELDS = [
  ['Host', 'www.example.org'],
  ['User-Agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'],
  ['Accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
  ['Accept-Language', 'en-GB,en;q=0.5'],
  ['Accept-Encoding', 'gzip, deflate, br, zstd'],
  ['Referer', 'https://www.example.org/shop/'],
  ['Cookie', 'session=6f1e9a3c5b7d8e0f; theme=dark; basket='],
  ['Upgrade-Insecure-Requests', '1'],
  ['Sec-Fetch-Dest', 'document'],
  ['Sec-Fetch-Mode', 'navigate'],
  ['Sec-Fetch-Site', 'same-origin'],
  ['Priority', 'u=0, i'],
  ['Cache-Control', 'max-age=0'],
];
export const PATH = '/shop/items/42?sort=price&order=asc';

/** The variables that nginx's `scgi_params` adds. */
const GATEWAY_VARIABLES = [
  ['REQUEST_METHOD', 'GET'],
  ['REQUEST_URI', PATH],
  ['QUERY_STRING', 'sort=price&order=asc'],
  ['CONTENT_TYPE', ''],
  ['DOCUMENT_URI', '/shop/items/42'],
  ['DOCUMENT_ROOT', '/usr/share/nginx/html'],
  ['SCGI', '1'],
  ['SERVER_PROTOCOL', 'HTTP/1.1'],
  ['REQUEST_SCHEME', 'http'],
  ['REMOTE_ADDR', '127.0.0.1'],
  ['REMOTE_PORT', '49152'],
  ['SERVER_PORT', '8080'],
  ['SERVER_NAME', 'www.example.org'],
];
const SMALL_VARIABLES = [
  ['SCGI', '1'],
  ['REQUEST_METHOD', 'GET'],
  ['REQUEST_URI', '/'],
  ['HTTP_HOST', 'localhost'],
];
/** About the size of a large cookie or a token. */
const FILLER_VALUE_BYTES = 100;

const browserVariables = BROWSER_FIELDS.map(([name, value]) => [
  `HTTP_${name.toUpperCase().replaceAll('-', '_')}`,
  value,
]);

/** What nginx makes of a browser's GET: 27 variables, 936 bytes as a netstring. */
const TYPICAL_VARIABLES = padCookie([...GATEWAY_VARIABLES, ...browserVariables], 936 - '931:,'.length);

/** Extends the cookie until the block, including `CONTENT_LENGTH`, has `bytes`. */
function padCookie(variables, bytes) {
  const missing = bytes - blockOf([['CONTENT_LENGTH', '0'], ...variables]).length;
  return variables.map(([name, value]) => [
    name,
    name === 'HTTP_COOKIE' ? value + 'x'.repeat(missing) : value,
  ]);
}

/** The cookie of a typical request, for the HTTP load. */
export const COOKIE = TYPICAL_VARIABLES.find(([name]) => name === 'HTTP_COOKIE')[1];

/** Makes variables whose block has exactly `bytes`: the typical ones, and as many of 100 bytes as fit. */
function filledVariables(bytes) {
  const variables = [...TYPICAL_VARIABLES];
  let missing = bytes - blockOf([['CONTENT_LENGTH', '0'], ...variables]).length;
  for (let i = 0; missing > 0; i++) {
    const name = `HTTP_X_FILLER_${i}`;
    const overhead = name.length + 2;
    // The last one takes the rest, so that the size is exact.
    const value = missing < 2 * (FILLER_VALUE_BYTES + overhead) ? missing - overhead : FILLER_VALUE_BYTES;
    variables.push([name, 'x'.repeat(value)]);
    missing -= overhead + value;
  }
  return variables;
}

const VARIABLES = {
  small: () => SMALL_VARIABLES,
  typical: () => TYPICAL_VARIABLES,
  '64 kB': () => filledVariables(65_536),
  '1 MiB': () => filledVariables(1_048_576),
};
export const SIZES = Object.keys(VARIABLES);

/** @param size - one of {@link SIZES}. */
export function requestOf(size) {
  return headOf(VARIABLES[size]());
}

/** The head of a typical request with a body. */
export function typicalHead(contentLength = 0, method = 'GET') {
  const variables = TYPICAL_VARIABLES.map(([name, value]) => [
    name,
    name === 'REQUEST_METHOD' ? method : value,
  ]);
  return headOf(variables, contentLength);
}

/** The same request in HTTP, without keep-alive. */
export function typicalHttpHead() {
  const fields = BROWSER_FIELDS.map(([name, value]) => `${name}: ${name === 'Cookie' ? COOKIE : value}\r\n`);
  return Buffer.from(`GET ${PATH} HTTP/1.1\r\n${fields.join('')}Connection: close\r\n\r\n`, 'latin1');
}

/** The head of a request with `count` headers of 32 bytes each. */
export function headWithHeaders(count) {
  const fillers = Array.from({ length: count - 2 }, (_, i) => [
    `HTTP_X_${i}`.padEnd(16, '_'),
    'v'.repeat(14),
  ]);
  return headOf([['SCGI', '1'], ...fillers]);
}

/** The head of a request with one header so long that the block has `bytes`. */
export function headWithBytes(bytes) {
  const variables = (value) => [
    ['SCGI', '1'],
    ['HTTP_COOKIE', value],
  ];
  const rest = blockOf([['CONTENT_LENGTH', '0'], ...variables('')]).length;
  return headOf(variables('x'.repeat(bytes - rest)));
}

/** Cuts bytes into chunks: `whole`, `1400` (the size of a TCP segment) or `1` (single bytes). */
export function cut(bytes, how) {
  if (how === 'whole') return [bytes];
  const size = Number(how);
  // 256 shared chunks serve for all bytes: a million Buffers would measure the garbage collector.
  if (size === 1) return Array.from(bytes, (byte) => ONE_BYTE_CHUNKS[byte]);
  const chunks = [];
  for (let start = 0; start < bytes.length; start += size) chunks.push(bytes.subarray(start, start + size));
  return chunks;
}

const ONE_BYTE_CHUNKS = Array.from({ length: 256 }, (_, byte) => Buffer.from([byte]));
