/** The listening sockets that a service manager passes on. sd_listen_fds(3). */
import type { Address } from '../../server/address.js';
import { ownPids } from './worker-socket.js';

/** Where they begin, by convention. */
const FIRST_DESCRIPTOR = 3;

/**
 * The addresses that `systemd` stands for: all that were passed, in their order.
 *
 * @param name - only those of this name (`FileDescriptorName=` in the unit), for `systemd:NAME`.
 * @throws TypeError when none was passed to this process, or none of that name.
 */
export function inheritedDescriptors(name?: string, env: NodeJS.ProcessEnv = process.env): Address[] {
  const count = Number(env['LISTEN_FDS'] ?? 0);
  // Variables are inherited further than descriptors are: the manager says for whom they are meant.
  const meant = env['LISTEN_PID'] !== undefined && ownPids(env).includes(Number(env['LISTEN_PID']));
  if (!meant || !Number.isInteger(count) || count < 1) {
    throw new TypeError(
      'systemd has passed no sockets to this process (LISTEN_PID, LISTEN_FDS): start it by a .socket unit',
    );
  }
  const names = (env['LISTEN_FDNAMES'] ?? '').split(':');
  const all = Array.from({ length: count }, (_, index) => ({
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
