/** A pipe that nobody reads until a spec says so: what the output of a program goes to whose log reader hangs. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { linesOf } from './command.js';
import { Log } from '../sockets/log.js';
import { afterwards, temporaryFolder } from '../sockets/sockets.js';

export class StalledPipe {
  private readonly path = join(temporaryFolder(), 'pipe');
  /** What a program gets for its stdout or stderr. */
  readonly fd: number;

  constructor() {
    execFileSync('mkfifo', [this.path]);
    // Both ways, as opening one way waits for the other.
    this.fd = openSync(this.path, 'r+');
    afterwards(() => closeSync(this.fd));
  }

  /** Reads on, line by line. */
  read(): Log<string> {
    // Not a file's stream, whose reading would hold a thread, and Jest with it, for as long as nothing comes.
    const stream = new Socket({ fd: openSync(this.path, constants.O_RDONLY | constants.O_NONBLOCK) });
    afterwards(() => stream.destroy());
    return new Log(linesOf(stream));
  }
}
