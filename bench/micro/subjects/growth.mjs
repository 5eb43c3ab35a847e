/** The work of `growth`: the library on inputs of a given size. */
import { Subject, from, map, of, reduce } from 'rxjs';
import { decodeScgi, handleScgi } from '../../../dist/esm/index.js';
import { cut, headWithBytes, headWithHeaders, typicalHead } from '../../load/requests.mjs';

const LIMITS = { maxHeaderBytes: 16 * 1024 * 1024, maxHeaders: 100_000 };
const BODY_CHUNK = Buffer.alloc(65_536, 'x');
const BYTE = Buffer.from('x');

let sum = 0;

const takeRequest = ({ variables }) => {
  sum += variables.size;
};
const takeBytes = (chunk) => {
  sum += chunk.length;
};
const countBody = ({ body }) =>
  body.pipe(
    reduce((bytes, chunk) => bytes + chunk.length, 0),
    map((bytes) => ({ body: String(bytes) })),
  );

function decoding(chunks) {
  return () => from(chunks).pipe(decodeScgi(LIMITS)).subscribe(takeRequest);
}

function handling(chunks, handler) {
  return () => from(chunks).pipe(handleScgi(handler, LIMITS)).subscribe(takeBytes);
}

/** The series, named with their units: their sizes, and a function that makes the work of a size. */
const SERIES = {
  'header bytes, one chunk': {
    sizes: [2 ** 10, 2 ** 12, 2 ** 14, 2 ** 16],
    make: (size) => decoding([headWithBytes(size)]),
  },
  // V8 stores strings above 128 kB differently, which costs about 0.1 ms more for each.
  'header bytes, one chunk, above 128 kB': {
    sizes: [2 ** 18, 2 ** 20, 2 ** 22, 2 ** 23],
    make: (size) => decoding([headWithBytes(size)]),
  },
  'header bytes, byte by byte': {
    sizes: [2 ** 14, 2 ** 16, 2 ** 18, 2 ** 20],
    make: (size) => decoding(cut(headWithBytes(size), '1')),
  },
  headers: {
    sizes: [2 ** 8, 2 ** 10, 2 ** 12, 2 ** 14],
    make: (size) => decoding([headWithHeaders(size)]),
  },
  'request body, 64 kB chunks': {
    sizes: [2 ** 6, 2 ** 8, 2 ** 10, 2 ** 12],
    make: (size) =>
      handling([typicalHead(size * BODY_CHUNK.length, 'POST'), ...Array(size).fill(BODY_CHUNK)], countBody),
  },
  'request body, 1-byte chunks': {
    sizes: [2 ** 12, 2 ** 14, 2 ** 16, 2 ** 18],
    make: (size) => handling([typicalHead(size, 'POST'), ...Array(size).fill(BYTE)], countBody),
  },
  'request body held untaken, chunks': {
    sizes: [2 ** 10, 2 ** 12, 2 ** 14, 2 ** 16],
    make: (size) => () => holdThenTake(size),
  },
  'response body, chunks': {
    sizes: [2 ** 10, 2 ** 12, 2 ** 14, 2 ** 16],
    make(size) {
      const chunks = Array(size).fill(BYTE);
      return handling([typicalHead()], () => of({ body: chunks }));
    },
  },
};

/** Sends all but the last chunk of the body before anybody takes it. */
function holdThenTake(size) {
  const input = new Subject();
  let request;
  input.pipe(decodeScgi(LIMITS)).subscribe((value) => (request = value));
  input.next(typicalHead(size, 'POST'));
  for (let i = 1; i < size; i++) input.next(BYTE);
  request.body.subscribe(takeBytes);
  input.next(BYTE);
}

export const SIZES = Object.fromEntries(Object.entries(SERIES).map(([name, { sizes }]) => [name, sizes]));

/** Prepares a side. @param size - one of the sizes of the series. */
export function prepare(size, { series }) {
  const work = SERIES[series].make(Number(size));
  return {
    run(count) {
      for (let i = 0; i < count; i++) work();
      return sum;
    },
    result: () => null,
  };
}
