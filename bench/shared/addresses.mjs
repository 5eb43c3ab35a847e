/** Addresses as the library writes them: `127.0.0.1:4000`, `unix:/run/app.sock`. */
import { once } from 'node:events';
import { connect } from 'node:net';

/** Converts an address to options of `net.connect`. */
export function connectOptions(address) {
  if (address.startsWith('unix:')) return { path: address.slice('unix:'.length) };
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
}

/** Whether somebody accepts connections there. */
export async function accepts(address) {
  const socket = connect(connectOptions(address));
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
