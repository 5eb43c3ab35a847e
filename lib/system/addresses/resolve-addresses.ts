/** From addresses as a person writes them to what can be bound; `systemd` stands for inherited descriptors. sd_listen_fds(3) */
import cluster from 'node:cluster';
import { fstatSync } from 'node:fs';
import { formatAddress, parseAddress, type Address } from '../../server/address.js';
import { ownPids } from './worker-socket.js';

/** Where inherited descriptors begin, by convention. */
const FIRST_DESCRIPTOR = 3;

/** Reads addresses. @throws TypeError naming the one that is wrong. */
export function resolveAddresses(texts: readonly string[]): Address[] {
  const addresses = texts.flatMap((text) => {
    const address = parseAddress(text);
    return address.kind === 'systemd' ? inheritedDescriptors(address.name) : [address];
  });
  for (const address of addresses) if (address.kind === 'fd') checkDescriptor(address.fd);
  return addresses;
}

/**
 * The addresses that `systemd` stands for: all descriptors that were passed, in their order.
 *
 * @param name - only those of this name (`FileDescriptorName=` in the unit), for `systemd:NAME`.
 * @throws TypeError when none was passed to this process, or none of that name.
 */
export function inheritedDescriptors(name?: string, env: NodeJS.ProcessEnv = process.env): Address[] {
  const { LISTEN_PID: pid, LISTEN_FDS: text = '0', LISTEN_FDNAMES: given = '' } = env;
  // Variables are inherited further than descriptors are: the manager says for whom they are meant.
  const isForUs = pid !== undefined && ownPids(env).includes(Number(pid));
  if (!isForUs || text === '0') {
    throw new TypeError(
      'systemd has passed no sockets to this process (LISTEN_PID, LISTEN_FDS): start it by a .socket unit',
    );
  }
  if (!/^[1-9][0-9]{0,3}$/.test(text)) {
    throw new TypeError(`LISTEN_FDS must be a number of sockets, 1 to 9999, not ${JSON.stringify(text)}`);
  }
  const names = given.split(':');
  const all = Array.from({ length: Number(text) }, (_, index) => ({
    fd: FIRST_DESCRIPTOR + index,
    name: names[index],
  }));
  const chosen = name === undefined ? all : all.filter((one) => one.name === name);
  if (chosen.length === 0) {
    throw new TypeError(
      `systemd has passed no socket named ${JSON.stringify(name)}; there are ${names.join(', ')}`,
    );
  }
  return chosen.map(({ fd }) => ({ kind: 'fd', fd }));
}

/** libuv aborts the process when it is given one of its own descriptors, none of which is a socket. */
function checkDescriptor(fd: number): void {
  // A worker does not have the descriptors: it asks its primary for them.
  if (cluster.isWorker) return;
  let isSocket = false;
  try {
    isSocket = fstatSync(fd).isSocket();
  } catch {
    // There is no such descriptor.
  }
  if (isSocket) return;
  throw new TypeError(`${formatAddress({ kind: 'fd', fd })}: descriptor ${fd} is not a listening socket`);
}
