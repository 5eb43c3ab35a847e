/** The sides of `encode`: from a response to the bytes that go out, all of which are counted. */
const FIELDS = {
  'Content-Type': 'application/json; charset=utf-8',
  'Cache-Control': 'private, max-age=0, must-revalidate',
  'Content-Language': 'en',
  ETag: '"33a64df551425fcc55e4d42a148795d9f25f89d4"',
  'Last-Modified': 'Wed, 21 Oct 2015 07:28:00 GMT',
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'Set-Cookie': 'session=6f1e9a3c5b7d8e0f; Path=/; HttpOnly; SameSite=Lax',
  Vary: 'Accept-Encoding',
  'X-Content-Type-Options': 'nosniff',
};
const TEXT = 'Hello, world\n';
const JSON_TEXT = JSON.stringify(
  Array.from({ length: 40 }, (_, id) => ({ id, name: `item ${id}`, price: 9.99 })),
);
const CHUNK = Buffer.alloc(1024, 'x');
const STREAMED_CHUNKS = 100;

const CASES = {
  'text, 1 field': () => ({ status: 200, headers: { 'Content-Type': 'text/plain' }, body: TEXT }),
  'JSON, 9 fields': () => ({ status: 200, headers: FIELDS, body: JSON_TEXT }),
  '64 kB of bytes': (bytes) => ({
    status: 200,
    headers: { 'Content-Type': 'application/octet-stream' },
    body: bytes,
  }),
  '100 chunks of 1 kB': () => ({
    status: 200,
    headers: { 'Content-Type': 'application/octet-stream' },
    body: chunksOf(STREAMED_CHUNKS),
  }),
};
export const CASE_NAMES = Object.keys(CASES);
export const SIDE_NAMES = ['by hand', 'operators'];

function* chunksOf(count) {
  for (let i = 0; i < count; i++) yield CHUNK;
}

/** Written by hand: a template, and one write for a body that is not streamed. No field is checked. */
function byHand(response, write) {
  let head = `Status: ${response.status} OK\r\n`;
  for (const [name, value] of Object.entries(response.headers)) head += `${name}: ${value}\r\n`;
  const { body } = response;
  if (typeof body === 'string') {
    write(Buffer.from(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`));
  } else if (body instanceof Uint8Array) {
    write(Buffer.from(`${head}Content-Length: ${body.length}\r\n\r\n`, 'latin1'));
    write(body);
  } else {
    write(Buffer.from(`${head}\r\n`, 'latin1'));
    for (const chunk of body) write(chunk);
  }
}

let sum = 0;
const count = (chunk) => {
  sum += chunk.length;
};

/** Prepares a side. @returns `run(times)`, which encodes `times` times, and `result()`, the bytes that it gives. */
export async function prepare(side, { name }) {
  const bytes = Buffer.alloc(65_536, 'x');
  const make = () => CASES[name](bytes);
  const encode = await encoderOf(side);
  return {
    run(times) {
      for (let i = 0; i < times; i++) encode(make(), count);
      return sum;
    },
    result() {
      const chunks = [];
      encode(make(), (chunk) => chunks.push(chunk));
      return Buffer.concat(chunks).toString('latin1');
    },
  };
}

async function encoderOf(side) {
  if (side === 'by hand') return byHand;
  const { encodeScgi } = await import('../../../dist/esm/index.js');
  const { of } = await import('rxjs');
  return (response, write) => void of(response).pipe(encodeScgi()).subscribe(write);
}
