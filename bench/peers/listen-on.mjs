/** Listens on addresses as the library writes them: `127.0.0.1:4000`, `unix:/run/app.sock`. */
import { rmSync } from 'node:fs';

/** Listens, and prints `listening ADDRESS`. */
export function listenOn(server, address) {
  if (address.startsWith('unix:')) {
    const path = address.slice('unix:'.length);
    // A socket file that was left behind.
    rmSync(path, { force: true });
    server.listen(path, () => console.log(`listening ${address}`));
  } else {
    const [host, port] = address.split(':');
    server.listen(Number(port), host, () => console.log(`listening ${host}:${server.address().port}`));
  }
}
