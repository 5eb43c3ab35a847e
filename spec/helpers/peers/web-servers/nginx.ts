/** nginx: `scgi_pass` with the stock `scgi_params`. */
import { definePeer, errorLogPath, type SiteConfig } from './peer.js';

function site({ port, target, directives = [] }: SiteConfig): string {
  const location = ['include /etc/nginx/scgi_params;', `scgi_pass ${target};`, ...directives];
  return `server {
    listen 127.0.0.1:${port};
    client_max_body_size 64m;

    location / {
        ${location.join('\n        ')}
    }
}
`;
}

function configuration(site: string, folder: string): string {
  return `daemon off;
user www-data;
pid ${folder}/nginx.pid;
error_log ${errorLogPath(folder)};
events {}
http {
access_log off;
client_body_temp_path ${folder}/client-body;
proxy_temp_path ${folder}/proxy;
fastcgi_temp_path ${folder}/fastcgi;
uwsgi_temp_path ${folder}/uwsgi;
scgi_temp_path ${folder}/scgi;
${site}}
`;
}

export const nginx = definePeer({
  name: 'nginx',
  executable: 'nginx',
  responseDirectives: ['scgi_buffering off;'],
  requestDirectives: ['scgi_request_buffering off;'],
  site,
  configuration,
  args: (configPath, folder) => ['-e', errorLogPath(folder), '-p', folder, '-c', configPath],
});
