/** nginx and lighttpd, each started in a folder and on a port of its own, and ended by its process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { own, stopProcess } from './processes.mjs';

/** Not in everybody's `PATH`. */
const SBIN = ['/usr/sbin', '/usr/local/sbin'];
const POLL_INTERVAL_MS = 10;

/** Where a program is, or `undefined`. */
export function findExecutable(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SBIN];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Below the range from which Linux takes the ports of outgoing connections. */
const FIRST_PORT = 10_000;
const PORTS = 20_000;

/** A TCP port of 127.0.0.1 that nobody had a moment ago. */
export async function freePort() {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    const server = createServer();
    const free = once(server, 'listening').then(
      () => true,
      () => false,
    );
    server.listen(port, '127.0.0.1');
    if (!(await free)) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

/**
 * @param folder - an empty one.
 * @param targets - the addresses of the application; several make an upstream.
 * @param directives - more lines for the location.
 */
export function startNginx(folder, targets, directives = []) {
  const servers = [targets].flat().map((target) => `server ${target} max_fails=0;`);
  return start('nginx', folder, ['-e', log(folder), '-p', folder], (port) => {
    const user = process.getuid?.() === 0 ? 'user root;\n' : '';
    return `daemon off;
${user}worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${log(folder)};
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${folder}/client-body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  client_max_body_size 0;
  upstream application { ${servers.join(' ')} }
  server {
    listen 127.0.0.1:${port};
    location / {
      include /etc/nginx/scgi_params;
      scgi_pass application;
      ${directives.join('\n      ')}
    }
  }
}
`;
  });
}

/** Passes requests and responses on as they come. */
export function startLighttpd(folder, address) {
  const [host, port] = address.split(':');
  return start('lighttpd', folder, ['-D'], (ownPort) => {
    return `server.document-root = "${folder}"
server.bind = "127.0.0.1"
server.port = ${ownPort}
server.errorlog = "${log(folder)}"
server.upload-dirs = ( "${folder}" )
server.modules += ( "mod_scgi" )
server.stream-request-body = 2
server.stream-response-body = 2
server.max-request-size = 0
scgi.server = ( "/" => ( ( "host" => "${host}", "port" => ${port}, "check-local" => "disable" ) ) )
`;
  });
}

async function start(name, folder, args, configure) {
  const port = await freePort();
  const config = join(folder, 'server.conf');
  writeFileSync(config, configure(port));
  const child = own(
    spawn(findExecutable(name), [...args, name === 'nginx' ? '-c' : '-f', config], {
      stdio: ['ignore', 'ignore', 'pipe'],
    }),
  );
  let stderr = '';
  child.stderr.on('data', (text) => (stderr += text));
  const errorLog = () => stderr + (existsSync(log(folder)) ? readFileSync(log(folder), 'utf8') : '');
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`${name} did not start:\n${errorLog()}`);
    await delay(POLL_INTERVAL_MS);
  }
  return {
    url: `http://127.0.0.1:${port}`,
    errorLog,
    stop: () => stopProcess(child),
  };
}

function log(folder) {
  return join(folder, 'error.log');
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
