/** The units of systemd. */
import { basename, dirname, posix } from 'node:path';
import { isIPv4, isIPv6 } from 'node:net';
import { formatAddress } from '../../server/address.js';
import { misuse } from '../command-error.js';
import { UNBUFFERED_NGINX_FLAG, serveFlagsOf, type UnitOptions } from './config-options.js';
import { HINT } from './config-values.js';

/** Returns a unit: the service, or the socket for it. @throws CommandError */
export function systemdUnit(options: UnitOptions): string {
  return options.unit === 'socket' ? socketUnit(options) : serviceUnit(options);
}

function socketUnit({ listen, name, group }: UnitOptions): string {
  const isUnix = listen.kind === 'unix';
  const isAddress = listen.kind === 'tcp' && (isIPv4(listen.host) || isIPv6(listen.host));
  if (!isUnix && !isAddress && listen.kind !== 'abstract')
    throw misuse('the --listen of a socket is an IP address with a port, or a Unix socket', HINT);
  const lines = [
    `ListenStream=${formatAddress(listen).replace(/^unix:/, '')}`,
    ...(isUnix
      ? [
          '# A process that can connect can claim to be any client: admit only the web server.',
          `SocketGroup=${group}`,
          'SocketMode=0660',
        ]
      : []),
    'Backlog=4096',
    ...(isUnix ? ['RemoveOnStop=yes'] : []),
  ];
  return `# The socket of ${name}.service. systemd listens and passes it on. It remains while the service restarts, so that connections wait
# and none is refused.
[Unit]
Description=SCGI socket of ${name}

[Socket]
${lines.join('\n')}

[Install]
WantedBy=sockets.target`;
}

function serviceUnit(options: UnitOptions): string {
  const { listen, name, module = '', user } = options;
  const folder = dirname(module);
  const { command = posix.join(folder, 'node_modules/.bin/rxscgi') } = options;
  const file = basename(module);
  const hasSocket = listen.kind === 'systemd';
  const access = accessOf(options);
  const args = [
    command,
    'serve',
    file.startsWith('-') ? `./${file}` : file,
    ...['--listen', formatAddress(listen), ...(listen.kind === 'unix' ? ['--socket-mode', '660'] : [])],
    ...serveFlagsOf(options),
    ...(options.stream ? [UNBUFFERED_NGINX_FLAG] : []),
    ...['--workers', 'auto', '--log', 'json'],
  ];
  return `[Unit]
Description=${name}, an SCGI application by rxscgi
${hasSocket ? `Requires=${name}.socket\nAfter=network.target ${name}.socket` : 'After=network.target'}

[Service]
Type=notify
# systemd-notify, which sends the messages, is another process.
NotifyAccess=all
WorkingDirectory=${folder.replaceAll('%', '%%')}
ExecStart=${args.map(quoteArgument).join(' ')}
${SERVICE_LIFE}

# Privileges that a web application does not need. MemoryDenyWriteExecute is not here: V8 compiles code.
${[user === undefined ? 'DynamicUser=yes' : `User=${user}`, ...access].join('\n')}
${SERVICE_PRIVILEGES}

[Install]
WantedBy=multi-user.target`;
}

/** What a service needs that listens by itself. @throws CommandError */
function accessOf({ listen, user, group }: UnitOptions): string[] {
  if (listen.kind !== 'unix') return [];
  const folder = dirname(listen.path);
  const [, runtimeFolder] = /^\/run\/(.+)$/.exec(folder) ?? [];
  if (runtimeFolder === undefined && user === undefined) {
    const example = '/run/app/app.sock';
    throw misuse(
      `the service can make its socket in a folder below /run, such as ${example}, or as a --user`,
      HINT,
    );
  }
  return [
    '# The group of the web server: the socket belongs to it. (A change of the group would need more privileges.)',
    `Group=${group}`,
    runtimeFolder === undefined ? `ReadWritePaths=${folder}` : `RuntimeDirectory=${runtimeFolder}`,
  ];
}

/** Quotes an argument of ExecStart=. systemd.service(5), systemd.syntax(7) */
function quoteArgument(text: string): string {
  const escaped = text.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[A-Za-z0-9_./:@,+=%$[\]-]+$/.test(text) ? escaped : `"${escaped.replaceAll('"', '\\"')}"`;
}

const SERVICE_LIFE = `ExecReload=/bin/kill -HUP $MAINPID
# SIGTERM goes to the primary, which ends its workers. SIGKILL, at the end, goes to all of them.
KillMode=mixed
# Longer than --drain-timeout-ms and the 10 s of stop() together.
TimeoutStopSec=60
Restart=on-failure
RestartSec=1
WatchdogSec=30
LimitNOFILE=65536`;

const SERVICE_PRIVILEGES = `UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM`;
