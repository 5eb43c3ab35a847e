/**
 * The sides of `decode`: from the bytes of a request to its variables by name, and the length of its body. Each looks up the same
 * three variables and adds up what it finds, so that no work can be optimised away.
 */
import { load, rxjs } from '../../helpers/build.mjs';
import { cut, requestOf } from '../../load/requests.mjs';

const LIMITS = { maxHeaderBytes: 2 * 1024 * 1024, maxHeaders: 20_000 };
const LOOKUPS = ['REQUEST_METHOD', 'REQUEST_URI', 'HTTP_HOST'];

let sum = 0;

function use(variables, contentLength) {
  for (const name of LOOKUPS) sum += variables.get(name).length;
  sum += contentLength;
}

const SIDES = {
  async 'bare parser'() {
    const { BareParser } = await import('../../peers/by-hand/bare-parser.mjs');
    return byHand(BareParser);
  },

  async 'byte parser'() {
    const { ByteParser } = await import('../../peers/by-hand/bare-parser.mjs');
    return byHand(ByteParser);
  },

  async core() {
    const { NEED_DATA, RequestReader } = await load('core/index');
    /** Reads the variables as an application would. */
    const variablesOf = (chunks) => {
      const reader = new RequestReader(LIMITS);
      let variables;
      for (const chunk of chunks) {
        reader.receiveData(chunk);
        for (let event = reader.nextEvent(); event !== NEED_DATA; event = reader.nextEvent())
          if (event.type === 'request-headers') variables = event.variables;
      }
      return variables;
    };
    const decode = (chunks) => {
      const variables = variablesOf(chunks);
      use(variables, Number(variables.get('CONTENT_LENGTH')));
    };
    return { decode, variablesOf };
  },

  async operators() {
    const { decodeScgi } = await load('index');
    const { from } = rxjs;
    const take = ({ variables, contentLength }) => use(variables, contentLength);
    return {
      decode(chunks) {
        from(chunks).pipe(decodeScgi(LIMITS)).subscribe(take);
      },
      variablesOf(chunks) {
        let found;
        from(chunks)
          .pipe(decodeScgi(LIMITS))
          .subscribe(({ variables }) => (found = variables));
        return found;
      },
    };
  },
};

function byHand(Parser) {
  const parse = (chunks) => {
    const parser = new Parser();
    for (const chunk of chunks) parser.push(chunk);
    return parser;
  };
  return {
    decode(chunks) {
      const { variables, contentLength } = parse(chunks);
      use(variables, contentLength);
    },
    variablesOf: (chunks) => parse(chunks).variables,
  };
}

/** Prepares a side. @returns `run(count)`, which decodes `count` times, and `result()`, the variables that it finds. */
export async function prepare(side, { size, how }) {
  const { decode, variablesOf } = await SIDES[side]();
  const chunks = cut(requestOf(size), how);
  return {
    run(count) {
      for (let i = 0; i < count; i++) decode(chunks);
      return sum;
    },
    result: () => [...variablesOf(chunks)],
  };
}
