/** Apache httpd: mod_proxy_scgi in the event MPM. */
import { definePeer, errorLogPath, type SiteConfig } from './peer.js';

/** mod_proxy takes a Unix socket before the URL; the URL's host is then a placeholder. */
function proxyUrl(target: string): string {
  return target.startsWith('unix:') ? `${target}|scgi://localhost/` : `scgi://${target}/`;
}

function site({ port, target, directives = [] }: SiteConfig): string {
  return `Listen 127.0.0.1:${port}
${[`ProxyPass "/" "${proxyUrl(target)}"`, ...directives].join('\n')}
`;
}

function configuration(site: string, folder: string): string {
  const modules = ['mpm_event', 'authz_core', 'deflate', 'env', 'filter', 'http2', 'proxy', 'proxy_scgi'];
  return `${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
ServerName localhost
ServerRoot ${folder}
DefaultRuntimeDir ${folder}
DocumentRoot ${folder}
PidFile ${folder}/apache2.pid
ErrorLog ${errorLogPath(folder)}
User www-data
Group www-data
${site}`;
}

export const apache = definePeer({
  name: 'Apache',
  executable: 'apache2',
  // Since 2.4.59 Apache drops the Content-Length of an application unless it is told to trust it.
  responseDirectives: ['SetEnv ap_trust_cgilike_cl 1'],
  requestDirectives: [],
  site,
  configuration,
  args: (configPath) => ['-DFOREGROUND', '-f', configPath],
});
