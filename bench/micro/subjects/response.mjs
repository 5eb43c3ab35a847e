/**
 * The sides of reading a response: from its bytes to its status, its fields and the length of its body. Each adds up what it finds, so
 * that no work can be optimised away.
 */
import { load, rxjs } from '../../helpers/build.mjs';
import { cut } from '../../load/requests.mjs';

const FIELDS = [
  ['Content-Type', 'text/html; charset=utf-8'],
  ['Cache-Control', 'private, max-age=0, must-revalidate'],
  ['Vary', 'Accept-Encoding, Cookie'],
  ['ETag', '"6f1e9a3c5b7d8e0f"'],
  ['Last-Modified', 'Thu, 26 Nov 2026 10:00:00 GMT'],
  ['Set-Cookie', 'session=6f1e9a3c5b7d8e0f; Path=/; HttpOnly; SameSite=Lax'],
  ['Set-Cookie', 'theme=dark; Path=/; Max-Age=31536000'],
  ['X-Content-Type-Options', 'nosniff'],
];

function responseOf(bodyBytes) {
  const fields = [...FIELDS, ['Content-Length', bodyBytes]].map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`Status: 200 OK\r\n${fields.join('')}\r\n`, 'latin1');
  return Buffer.concat([head, Buffer.alloc(bodyBytes, 'x')]);
}

let sum = 0;

const SIDES = {
  async 'bare parser'() {
    const { BareResponseParser } = await import('../../peers/by-hand/bare-response-parser.mjs');
    return byHand(BareResponseParser);
  },

  async 'minimal parser'() {
    const { MinimalResponseParser } = await import('../../peers/by-hand/minimal-response-parser.mjs');
    return byHand(MinimalResponseParser);
  },

  async core() {
    const { NEED_DATA, ResponseReader } = await load('core/index');
    return (chunks) => {
      const reader = new ResponseReader();
      let status = 0;
      let fields;
      for (const chunk of chunks) {
        reader.receiveData(chunk);
        for (let event = reader.nextEvent(); event !== NEED_DATA; event = reader.nextEvent()) {
          if (event.type === 'response-body') sum += event.data.length;
          else if (event.type === 'response-headers') ({ status, headers: fields } = event);
          else break;
        }
      }
      if (reader.state !== 'done') throw new Error('not complete');
      return [status, fields];
    };
  },

  async operators() {
    const { decodeScgiResponse } = await load('index');
    const { from } = rxjs;
    return (chunks) => {
      let found;
      from(chunks)
        .pipe(decodeScgiResponse())
        .subscribe((response) => {
          found = response;
          response.body.subscribe((part) => (sum += part.length));
        });
      return [found.status, found];
    };
  },
};

function byHand(Parser) {
  const count = (part) => (sum += part.length);
  return (chunks) => {
    const parser = new Parser();
    for (const chunk of chunks) parser.push(chunk, count);
    if (!parser.complete) throw new Error('not complete');
    return [parser.status, parser.fields];
  };
}

/** Prepares a side. @returns `run(count)`, which reads `count` times, and `result()`, what it finds. */
export async function prepare(side, { bytes, how }) {
  const read = await SIDES[side]();
  const chunks = cut(responseOf(bytes), how);
  return {
    run(count) {
      for (let i = 0; i < count; i++) sum += read(chunks)[0];
      return sum;
    },
    result() {
      const [status, found] = read(chunks);
      const fields = found.headers ?? found;
      return [status, ...[...fields].map(([name, value]) => [name.toLowerCase(), value]).sort()];
    },
  };
}
