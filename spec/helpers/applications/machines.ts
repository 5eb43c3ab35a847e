/** The machines of examples/scale-out, as processes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../command/build.js';
import { Command } from '../command/command.js';
import { Load } from '../sockets/load.js';
import { call, type Call } from '../peers/clients/http-client.js';
import { nginx } from '../peers/web-servers/nginx.js';
import { patternDigest } from '../peers/clients/pattern.js';
import { definePeer, type Gateway } from '../peers/web-servers/peer.js';

const EXAMPLE = join(ROOT, 'examples/scale-out');
const UPLOAD_BYTES = 10_000;

/** A file of the example, with other texts in place of some, each of which must be there. */
export function exampleFile(name: string, replacements: Readonly<Record<string, string>> = {}): string {
  return Object.entries(replacements).reduce(
    (text, [from, to]) => {
      expect(text).toContain(from);
      return text.replaceAll(from, to);
    },
    readFileSync(join(EXAMPLE, name), 'utf8'),
  );
}

/** Starts nginx with a configuration of the example. */
export function startNginx(name: string, replacements: Readonly<Record<string, string>>): Promise<Gateway> {
  const site = ({ port }: { readonly port: number }): string =>
    exampleFile(name, { ...replacements, 'listen 80;': `listen 127.0.0.1:${port};` });
  return definePeer({ ...nginx, site }).start({ target: '' });
}

export async function startMachine(name: string, port: number): Promise<Command> {
  const machine = new Command(['serve', 'handler.mjs', '--listen', `127.0.0.1:${port}`, '--log', 'common'], {
    cwd: EXAMPLE,
    env: { MACHINE: name },
  });
  await machine.address();
  return machine;
}

/** GET requests, and an upload by PUT now and then, without a pause. An answer is the name of its machine. */
export function loadOf(url: string): Load {
  let count = 0;
  return new Load(() => {
    const upload = count++ % 3 === 0;
    return ask(`${url}/${count}`, upload ? { method: 'PUT', upload: UPLOAD_BYTES } : {});
  }, 8);
}

/** Returns the machine that answered. @throws unless the answer is complete and correct. */
async function ask(url: string, options: Call): Promise<string> {
  const { status, complete, text } = await call(url, options);
  if (status !== 200 || !complete) throw new Error(`${status}, ${complete ? 'complete' : 'cut'}: ${text}`);
  const answer = JSON.parse(text) as { machine: string; sha256?: string };
  if (options.upload !== undefined && answer.sha256 !== patternDigest(UPLOAD_BYTES))
    throw new Error(`wrong: ${text}`);
  return answer.machine;
}
