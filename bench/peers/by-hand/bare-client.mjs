/**
 * The floor for calls: a client on `net.connect`, by hand. It checks what it sends and what it receives, has one timeout for everything and a
 * limit on the body. It cannot be aborted, and takes no body of the request and no stream of the response.
 */
import { connect } from 'node:net';
import { BareResponseParser } from './bare-response-parser.mjs';

export const MAX_BODY_BYTES = 16_777_216;

/** What neither a name nor a value can have. */
// eslint-disable-next-line no-control-regex
const UNSAFE = /[^\x01-\xff]/;

/** @param done - gets the error, or the status, the fields and the text of the body. */
export function bareCall(target, { method, uri, headers }, done) {
  const head = headOf(method, uri, headers);
  const parser = new BareResponseParser(method);
  const chunks = [];
  let bytes = 0;
  let over = false;
  const socket = connect(target);
  const finish = (error) => {
    if (over) return;
    over = true;
    socket.destroy();
    if (error) done(error);
    else done(undefined, parser.status, parser.fields, Buffer.concat(chunks).toString());
  };
  const take = (part) => {
    chunks.push(part);
    bytes += part.length;
    if (bytes > MAX_BODY_BYTES) throw new Error('the body is too long');
  };
  socket.setTimeout(30_000, () => finish(new Error('the application does not answer')));
  socket.on('error', finish);
  socket.on('data', (chunk) => {
    try {
      parser.push(chunk, take);
      if (parser.complete) finish();
    } catch (error) {
      finish(error);
    }
  });
  socket.on('end', () => {
    try {
      parser.end();
      finish();
    } catch (error) {
      finish(error);
    }
  });
  socket.write(head, 'latin1');
}

/** The bytes of a request's head, checked; each character is a byte. */
export function headOf(method, uri, headers) {
  const mark = uri.indexOf('?');
  const variables = new Map()
    .set('REQUEST_METHOD', method)
    .set('REQUEST_URI', uri)
    .set('QUERY_STRING', mark < 0 ? '' : uri.slice(mark + 1))
    .set('SERVER_PROTOCOL', 'HTTP/1.1');
  for (const name in headers) {
    const value = headers[name];
    if (value === '') continue;
    const variable = variableOf(name);
    if (variables.has(variable)) throw new Error(`${name} comes twice`);
    variables.set(variable, value);
  }
  let block = `CONTENT_LENGTH\0${0}\0SCGI\0${1}\0`;
  for (const [name, value] of variables) {
    if (UNSAFE.test(name) || UNSAFE.test(value)) throw new Error(`${name} cannot be sent`);
    block += `${name}\0${value}\0`;
  }
  return `${block.length}:${block},`;
}

function variableOf(field) {
  const name = field.toUpperCase().replaceAll('-', '_');
  return name === 'CONTENT_TYPE' ? name : `HTTP_${name}`;
}
