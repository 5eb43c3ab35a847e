/** The configuration of nginx. */
import { formatAddress } from '../../server/address.js';
import {
  DEFAULT_MAX_BODY_BYTES,
  UNBUFFERED_NGINX_FLAG,
  connectAddress,
  literal,
  startComment,
  type SiteOptions,
} from './config-options.js';

/** Returns a `server` block. */
export function nginxConfig(options: SiteOptions): string {
  const { listen, http, serverNames, mount, maxBodyBytes = DEFAULT_MAX_BODY_BYTES, stream } = options;
  const { host, port } = http ?? { host: undefined, port: 80 };
  const addresses = host === undefined ? [String(port), `[::]:${port}`] : [`${host}:${port}`];
  const location = [
    'include /etc/nginx/scgi_params;',
    `scgi_pass ${formatAddress(connectAddress(listen))};`,
    ...(stream ? ['scgi_buffering off;', 'scgi_request_buffering off;'] : []),
  ];
  const server = [
    ...addresses.map((address) => `listen ${address};`),
    ...(serverNames.length === 0 ? [] : [`server_name ${serverNames.join(' ')};`]),
    `client_max_body_size ${maxBodyBytes === Infinity ? 0 : maxBodyBytes};`,
  ];
  return `${startComment(options, ...(stream ? [UNBUFFERED_NGINX_FLAG] : []))}
server {
    ${server.join('\n    ')}

    location ${mount === undefined ? '/' : `~ "^${literal(mount)}(?:/|$)"`} {
        ${location.join('\n        ')}
    }
}`;
}
