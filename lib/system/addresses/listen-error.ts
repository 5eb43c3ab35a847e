/** Says why an address cannot be listened on, in words that tell what to do. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { formatAddress, type Address } from '../../server/address.js';

/**
 * The error to report for an address: its message names the address that was asked for, and the reason. `code` is the
 * system's; the original error is the `cause`.
 */
export function listenError(error: unknown, address: Address): unknown {
  const { code, message } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
  if (typeof code !== 'string') return error;
  const text = formatAddress(address);
  const reason = reasonFor(code, address) ?? String(message);
  return Object.assign(new Error(`cannot listen on ${text}: ${reason}`, { cause: error }), {
    code,
    syscall: 'listen',
    address: text,
  });
}

function reasonFor(code: string, address: Address): string | undefined {
  switch (address.kind) {
    case 'tcp':
      return tcpReason(code, address.host, address.port);
    case 'unix':
      return unixReason(code, dirname(address.path));
    case 'fd':
      return code === 'EEXIST'
        ? 'it is listened on already'
        : `descriptor ${address.fd} is not a listening socket (${code})`;
    case 'abstract':
      return code === 'EADDRINUSE' ? 'another program listens on it' : undefined;
    case 'systemd':
      return undefined;
    default:
      return address satisfies never;
  }
}

function tcpReason(code: string, host: string, port: number): string | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return 'it is in use by another program';
    case 'EADDRNOTAVAIL':
      return `${host} is not an address of this machine`;
    case 'EACCES':
      return `this process may not use port ${port}: choose one above 1023, or a Unix socket`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NONAME':
      return `the name ${host} does not resolve to an address (${code})`;
    case 'EAFNOSUPPORT':
      return 'this system does not have this family of addresses';
    default:
      return undefined;
  }
}

function unixReason(code: string, folder: string): string | undefined {
  switch (code) {
    case 'ENOENT':
      // Some file systems, such as /proc, report the same for a file that cannot be created.
      return existsSync(folder)
        ? `no file can be created in the folder ${folder}`
        : `the folder ${folder} does not exist`;
    case 'ENOTDIR':
      return `${folder} is not a folder`;
    case 'EACCES':
    case 'EROFS':
      return `this process may not write to the folder ${folder} (${code})`;
    case 'EPERM':
      return 'this process may not give the socket this owner or group, or replace the file that is there (EPERM)';
    default:
      return undefined;
  }
}
