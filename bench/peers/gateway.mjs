/**
 * HTTP in front of an SCGI application: by `scgiGateway`, or by hand with what Node.js has and no check at all.
 * `node gateway.mjs ADDRESS TARGET [bare]`
 */
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { load } from '../helpers/build.mjs';
import { listenOn } from './listen-on.mjs';

const [, , address, target, kind] = process.argv;
const listener = kind === 'bare' ? bare : (await load('node/index')).scgiGateway(target);
listenOn(createServer(listener), address);

/** As little as answers a GET whose response has a length: no limits, no brake, no errors. */
function bare(request, response) {
  const variables = ['CONTENT_LENGTH', '0', 'SCGI', '1', 'REQUEST_METHOD', request.method];
  variables.push('REQUEST_URI', request.url, 'SERVER_PROTOCOL', `HTTP/${request.httpVersion}`);
  const { rawHeaders } = request;
  for (let i = 0; i < rawHeaders.length; i += 2)
    variables.push(`HTTP_${rawHeaders[i].toUpperCase().replaceAll('-', '_')}`, rawHeaders[i + 1]);
  const block = `${variables.join('\0')}\0`;
  const socket = connect(endpointOf(target));
  socket.write(`${block.length}:${block},`, 'latin1');
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => (text += chunk));
  socket.on('end', () => {
    const end = text.indexOf('\r\n\r\n');
    const fields = text.slice(0, end).split('\r\n').slice(1);
    response.writeHead(
      200,
      fields.flatMap((line) => line.split(': ')),
    );
    response.end(text.slice(end + 4), 'latin1');
  });
}

function endpointOf(text) {
  if (text.startsWith('unix:')) return { path: text.slice(5) };
  const [host, port] = text.split(':');
  return { host, port: Number(port) };
}
