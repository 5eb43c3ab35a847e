/** The configuration of lighttpd. */
import {
  DEFAULT_MAX_BODY_BYTES,
  connectAddress,
  literal,
  startComment,
  type SiteOptions,
} from './config-options.js';

/** Returns what goes beside Debian's lighttpd.conf, which listens on port 80. */
export function lighttpdConfig(options: SiteOptions): string {
  const { http, serverNames, mount, maxBodyBytes = DEFAULT_MAX_BODY_BYTES, stream } = options;
  const names = serverNames.map((name) => literal(name).replace(/^\\\*/, '[^:]+'));
  const conditions = [
    ...(http === undefined || (http.host === undefined && http.port === 80)
      ? []
      : [`$SERVER["socket"] == "${http.host ?? ''}:${http.port}"`]),
    ...(names.length === 0 ? [] : [`$HTTP["host"] =~ "^(?:${names.join('|')})(?::[0-9]+)?$"`]),
    ...(mount === undefined ? [] : [`$HTTP["url"] =~ "^${literal(mount)}(?:/|$)"`]),
  ];
  const body = [
    `scgi.server = ( "" => ( ( ${addressOf(options)}, "check-local" => "disable" ) ) )`,
    '# In units of 1024 bytes.',
    `server.max-request-size = ${maxBodyBytes === Infinity ? 0 : Math.ceil(maxBodyBytes / 1024)}`,
    ...(stream ? ['server.stream-response-body = 2', 'server.stream-request-body = 2'] : []),
  ];
  const nested = conditions.reduceRight(
    (lines, condition) => [`${condition} {`, ...lines.map((line) => `    ${line}`), '}'],
    body,
  );
  return [startComment(options), 'server.modules += ( "mod_scgi" )', ...nested].join('\n');
}

function addressOf({ listen }: SiteOptions): string {
  const address = connectAddress(listen);
  if (address.kind === 'unix') return `"socket" => "${address.path}"`;
  // Web servers have TCP addresses otherwise.
  return address.kind === 'tcp' ? `"host" => "${address.host}", "port" => ${address.port}` : '';
}
