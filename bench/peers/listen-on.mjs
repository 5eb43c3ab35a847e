/** Addresses of the peers, as the library writes them: `127.0.0.1:4000`, `unix:/run/app.sock`. */
import { rmSync } from 'node:fs';

/** Listens, and says where: `listening ADDRESS`. */
export function listenOn(server, address) {
  if (address.startsWith('unix:')) {
    const path = address.slice('unix:'.length);
    // One that was left over.
    rmSync(path, { force: true });
    server.listen(path, () => console.log(`listening ${address}`));
  } else {
    const [host, port] = address.split(':');
    server.listen(Number(port), host, () => console.log(`listening ${host}:${server.address().port}`));
  }
}
