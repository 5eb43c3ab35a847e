/** lighttpd: mod_scgi, which Debian compiles into the program. */
import { definePeer, errorLogPath, type SiteConfig } from './peer.js';

function address(target: string): string {
  if (target.startsWith('unix:')) return `"socket" => "${target.slice('unix:'.length)}"`;
  const colon = target.lastIndexOf(':');
  return `"host" => "${target.slice(0, colon)}", "port" => ${target.slice(colon + 1)}`;
}

function site({ port, target, directives = [] }: SiteConfig): string {
  return `server.bind = "127.0.0.1"
server.port = ${port}
server.modules += ( "mod_scgi" )
scgi.server = ( "/" => ( ( ${address(target)}, "check-local" => "disable" ) ) )
${directives.map((line) => `${line}\n`).join('')}`;
}

function configuration(site: string, folder: string): string {
  return `server.username = "www-data"
server.groupname = "www-data"
server.document-root = "${folder}"
server.errorlog = "${errorLogPath(folder)}"
server.upload-dirs = ( "${folder}" )
${site}`;
}

export const lighttpd = definePeer({
  name: 'lighttpd',
  executable: 'lighttpd',
  responseDirectives: ['server.stream-response-body = 2'],
  requestDirectives: ['server.stream-request-body = 2'],
  site,
  configuration,
  args: (configPath) => ['-D', '-f', configPath],
});
