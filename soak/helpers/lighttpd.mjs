/** Starts lighttpd in a folder of its own, on a free port. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findExecutable } from '../../bench/shared/executables.mjs';
import { freePort } from '../../bench/shared/free-port.mjs';
import { startServer } from '../../bench/shared/processes.mjs';

/** Streams requests and responses, without buffering. @returns `{ url, stop() }`. */
export async function startLighttpd(folder, address) {
  const [host, port] = address.split(':');
  const ownPort = await freePort();
  const configPath = join(folder, 'lighttpd.conf');
  writeFileSync(
    configPath,
    `server.document-root = "${folder}"
server.bind = "127.0.0.1"
server.port = ${ownPort}
server.errorlog = "${folder}/lighttpd.log"
server.upload-dirs = ( "${folder}" )
server.modules += ( "mod_scgi" )
server.stream-request-body = 2
server.stream-response-body = 2
server.max-request-size = 0
scgi.server = ( "/" => ( ( "host" => "${host}", "port" => ${port}, "check-local" => "disable" ) ) )
`,
  );
  const path = findExecutable('lighttpd');
  const { stop } = await startServer(path, ['-D', '-f', configPath], `127.0.0.1:${ownPort}`);
  return { url: `http://127.0.0.1:${ownPort}`, stop };
}
