/** Starts nginx with one worker, on loopback, with its configuration in a private folder. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.mjs';
import { programPath } from './missing.mjs';
import { startServer } from './processes.mjs';

/** The parameters that Debian's scgi_params and fastcgi_params have in common. */
const PARAMETERS = [
  ['REQUEST_METHOD', '$request_method'],
  ['REQUEST_URI', '$request_uri'],
  ['QUERY_STRING', '$query_string'],
  ['CONTENT_TYPE', '$content_type'],
  ['DOCUMENT_URI', '$document_uri'],
  ['DOCUMENT_ROOT', '$document_root'],
  ['SERVER_PROTOCOL', '$server_protocol'],
  ['REQUEST_SCHEME', '$scheme'],
  ['REMOTE_ADDR', '$remote_addr'],
  ['REMOTE_PORT', '$remote_port'],
  ['SERVER_PORT', '$server_port'],
  ['SERVER_NAME', '$server_name'],
];
const KEEP_ALIVE_CONNECTIONS = 512;

const parameters = (protocol) => PARAMETERS.map(([name, value]) => `${protocol}_param ${name} ${value};`);

/** Directives of a location, by protocol. */
const PASSES = {
  scgi: (upstream) => [...parameters('scgi'), 'scgi_param SCGI 1;', `scgi_pass ${upstream};`],
  fastcgi: (upstream) => [
    ...parameters('fastcgi'),
    'fastcgi_param CONTENT_LENGTH $content_length;',
    `fastcgi_pass ${upstream};`,
  ],
  http: (upstream) => [`proxy_pass http://${upstream};`, 'proxy_set_header Host $host;'],
};
const UNBUFFERED = {
  scgi: ['scgi_request_buffering off;', 'scgi_buffering off;'],
  http: ['proxy_http_version 1.1;', 'proxy_request_buffering off;', 'proxy_buffering off;'],
};
const KEEP_ALIVE = ['proxy_http_version 1.1;', 'proxy_set_header Connection "";'];

/**
 * Starts nginx with a server for each site.
 *
 * @param folder - for its files; one nginx at a time.
 * @param sites - `{ protocol, addresses, keepAlive?, unbuffered?, directives? }`; several addresses make an upstream, and
 * `directives` are more lines of the location.
 * @returns `{ urls, errorLog(), stop() }`: the URLs of the sites, in their order.
 * @throws Missing
 */
export async function startNginx(folder, sites) {
  const path = programPath('nginx');
  const ports = [];
  for (const _ of sites) ports.push(await freePort());
  const configPath = join(folder, 'nginx.conf');
  const logPath = join(folder, 'nginx.log');
  const blocks = sites.map((site, index) => block(site, index, ports[index]));
  writeFileSync(configPath, configuration(folder, blocks.join('\n')));
  const args = ['-e', logPath, '-p', folder, '-c', configPath];
  const { stop } = await startServer(path, args, `127.0.0.1:${ports[0]}`);
  return {
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    errorLog: () => readFileSync(logPath, 'utf8'),
    stop,
  };
}

function block({ protocol, addresses, keepAlive, unbuffered, directives = [] }, index, port) {
  const upstream = `upstream${index}`;
  const servers = addresses.map((address) => `server ${address} max_fails=0;`);
  const lines = PASSES[protocol](upstream);
  if (keepAlive) {
    servers.push(`keepalive ${KEEP_ALIVE_CONNECTIONS};`, 'keepalive_requests 1000000000;');
    lines.push(...KEEP_ALIVE);
  }
  if (unbuffered) lines.push(...UNBUFFERED[protocol]);
  lines.push(...directives);
  return `
  upstream ${upstream} {
    ${servers.join('\n    ')}
  }
  server {
    listen 127.0.0.1:${port} backlog=1024;
    server_name www.example.org;
    location / {
      ${lines.join('\n      ')}
    }
  }`;
}

function configuration(folder, servers) {
  // As root, nginx would run its worker as a user who may not open the sockets.
  const user = process.getuid?.() === 0 ? 'user root;\n' : '';
  return `daemon off;
${user}worker_processes 1;
worker_rlimit_nofile 8192;
pid ${folder}/nginx.pid;
error_log ${folder}/nginx.log;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 1000000000;
  client_max_body_size 0;
  client_body_temp_path ${folder}/client-body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
${servers}
}
`;
}
