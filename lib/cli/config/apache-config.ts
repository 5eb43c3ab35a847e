/** The configuration of Apache. */
import { formatAddress } from '../../server/address.js';
import { DEFAULT_MAX_BODY_BYTES, connectAddress, startComment, type SiteOptions } from './config-options.js';

/** Returns a virtual host, and its `Listen` unless it is port 80, which ports.conf has already. */
export function apacheConfig(options: SiteOptions): string {
  const { listen, http, serverNames, mount: path = '/', maxBodyBytes = DEFAULT_MAX_BODY_BYTES } = options;
  const { host, port } = http ?? { host: undefined, port: 80 };
  const address = host === undefined ? String(port) : `${host}:${port}`;
  const target = formatAddress(connectAddress(listen));
  const url = listen.kind === 'unix' ? `${target}|scgi://localhost${path}` : `scgi://${target}${path}`;
  // ServerName takes no pattern.
  const name = serverNames.find((each) => !each.startsWith('*'));
  const aliases = serverNames.filter((each) => each !== name);
  const lines = [
    ...(name === undefined ? [] : [`ServerName ${name}`]),
    ...(aliases.length === 0 ? [] : [`ServerAlias ${aliases.join(' ')}`]),
    `LimitRequestBody ${maxBodyBytes === Infinity ? 0 : maxBodyBytes}`,
    '# Otherwise Apache drops the Content-Length of responses.',
    'SetEnv ap_trust_cgilike_cl 1',
    `ProxyPass "${path}" "${url}"`,
    `<Location "${path}">`,
    '    CGIPassAuth On',
    '</Location>',
  ];
  return `${startComment(options)}
# Needs: a2enmod proxy proxy_scgi env
${port === 80 ? '' : `Listen ${address}\n`}<VirtualHost ${host === undefined ? `*:${port}` : address}>
    ${lines.join('\n    ')}
</VirtualHost>`;
}
