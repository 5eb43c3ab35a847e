/** Less than one would use: a call by hand that trusts its caller and the application, with one timeout and no limits. */
import { connect } from 'node:net';
import { MinimalResponseParser } from './minimal-response-parser.mjs';

/** @param done - gets the error, or the status, the fields and the text of the body. */
export function minimalCall(target, { method, uri, headers }, done) {
  const parser = new MinimalResponseParser();
  const chunks = [];
  let over = false;
  const socket = connect(target);
  const finish = (error) => {
    if (over) return;
    over = true;
    socket.destroy();
    if (error) done(error);
    else done(undefined, parser.status, parser.fields, Buffer.concat(chunks).toString());
  };
  socket.setTimeout(30_000, () => finish(new Error('the application does not answer')));
  socket.on('error', finish);
  socket.on('data', (chunk) => {
    try {
      parser.push(chunk, (part) => chunks.push(part));
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
  socket.write(headOf(method, uri, headers), 'latin1');
}

function headOf(method, uri, headers) {
  const mark = uri.indexOf('?');
  let block = `CONTENT_LENGTH\0${0}\0SCGI\0${1}\0REQUEST_METHOD\0${method}\0REQUEST_URI\0${uri}\0`;
  block += `QUERY_STRING\0${mark < 0 ? '' : uri.slice(mark + 1)}\0SERVER_PROTOCOL\0HTTP/1.1\0`;
  for (const name in headers) {
    const value = headers[name];
    if (value.includes('\0')) throw new Error(`${name} has a NUL`);
    block += `HTTP_${name.toUpperCase().replaceAll('-', '_')}\0${value}\0`;
  }
  return `${block.length}:${block},`;
}
