/** `rxscgi dev` while somebody works on the application. */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, runCommand, useBuiltCommand } from '../../helpers/command/command.js';
import { editedApplication, setText } from '../../helpers/command/edited-application.js';
import { gone } from '../../helpers/command/running.js';
import { call, firstLine, openCall, readReply } from '../../helpers/peers/clients/http-client.js';
import { cleanUpSockets } from '../../helpers/sockets/sockets.js';

/** Imports what it answers, counts its answers, and does what a path says. */
const APP = `import { of, NEVER, concat } from 'rxjs';
import { text } from './lib/text.mjs';
let answers = 0;
export default ({ path }) => {
  if (path === '/crash') setTimeout(() => { throw new TypeError('<crashed>'); });
  if (path === '/loop') {
    process.stderr.write('looping\\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
  if (path === '/crash' || path === '/silent') return NEVER;
  if (path === '/pid') return of({ body: String(process.pid) });
  return of({ body: path === '/events' ? concat(of('data: 1\\n\\n'), NEVER) : text + ++answers });
};`;

useBuiltCommand();
cleanUpSockets();

describe('rxscgi dev', () => {
  let cwd: string;

  beforeEach(() => {
    cwd = editedApplication(APP);
  });

  /** As many editors save: the new file takes the place of the old one. */
  function replaceText(source: string): void {
    setText(cwd, source, 'lib/.text.mjs.new');
    renameSync(join(cwd, 'lib/.text.mjs.new'), join(cwd, 'lib/text.mjs'));
  }

  const dev = (...more: string[]): Command =>
    new Command(['dev', 'app.mjs', '--port', '0', ...more], { cwd });

  /** Waits until it has said so often that it has restarted. */
  async function restarted(command: Command, times: number): Promise<void> {
    let seen = 0;
    await command.stderr.value((line) => line === 'rxscgi: restarted' && ++seen === times);
  }

  async function failed(command: Command): Promise<string> {
    return command.stderr.value((line) => line.endsWith('(waiting for a change of a file)'));
  }

  it('should start the application anew when a file is changed or replaced, and end event streams', async () => {
    const command = dev();
    const url = await command.url();
    expect([await call(url), await call(url)]).toMatchObject([{ text: 'one1' }, { text: 'one2' }]);
    const events = await openCall(`${url}events`, { headers: { accept: 'text/event-stream' } }).response;
    const [line, reply] = [firstLine(events), readReply(events)];
    expect(await line).toBe('data: 1');
    setText(cwd, "'two'");
    await restarted(command, 1);
    expect(await reply).toMatchObject({ complete: false });
    expect(await call(url)).toMatchObject({ text: 'two1' });
    replaceText("'three'");
    await restarted(command, 2);
    expect(await call(url)).toMatchObject({ text: 'three1' });
    expect(command.stderr.values[0]).toBe('rxscgi: lib/text.mjs has changed: restarting');
  });

  it('should let requests wait while the application starts', async () => {
    const command = dev();
    const url = await command.url();
    setText(cwd, "await new Promise((resolve) => setTimeout(resolve, 300, 'late'))");
    await command.stderr.value((line) => line.endsWith('restarting'));
    expect(await call(url)).toMatchObject({ status: 200, text: 'late1' });
  });

  it('should say in the browser why the application does not load or has crashed, until a change', async () => {
    setText(cwd, `nobody['<knows>']`);
    const command = dev();
    const url = await command.url();
    const headers = { accept: 'text/html' };
    const { status, text } = await call(url, { headers });
    expect(status).toBe(500);
    expect(text).toContain(
      '<p>app.mjs failed to load: ReferenceError: nobody is not defined (lib/text.mjs:1:21',
    );
    expect(text).toMatch(/<pre>ReferenceError: nobody is not defined\n {4}at file:.*\/lib\/text\.mjs:1:21\n/);

    setText(cwd, "'two'");
    await restarted(command, 1);
    expect(await call(url, { headers })).toMatchObject({ status: 200, text: 'two1' });

    // The request at which it crashes is told why.
    const crash = await call(`${url}crash`, { headers });
    expect(crash.status).toBe(500);
    expect(crash.text).toMatch(/<pre>TypeError: &#60;crashed&#62;\n {4}at .*\/app\.mjs:5:\d+\)\n/);

    expect((await call(url)).text).toContain('TypeError: <crashed>');
    // A page of another site, whose name was made to lead here.
    const elsewhere = { headers: { host: 'example.com' } };
    expect((await call(url, elsewhere)).text).not.toContain('crashed');

    setText(cwd, "'three'");
    await restarted(command, 2);
    expect(await call(url)).toMatchObject({ text: 'three1' });
    expect(await call(url, elsewhere)).toMatchObject({ status: 421 });
  });

  it('should kill an application that is stuck in a loop when it changes', async () => {
    const command = dev('--drain-timeout-ms', '100');
    const url = await command.url();
    const { text: pid } = await call(`${url}pid`);
    const stuck = openCall(`${url}loop`).response.catch(() => 'cut');
    await command.stderr.value((line) => line === 'looping');
    setText(cwd, "'two'");
    expect(await stuck).toBe('cut');
    await restarted(command, 1);
    await gone(Number(pid));
    expect(await call(url)).toMatchObject({ text: 'two1' });
  });

  it('should leave no process behind when it is killed', async () => {
    const command = dev();
    const { text: pid } = await call(`${await command.url()}pid`);
    command.kill('SIGKILL');
    await gone(Number(pid));
  });

  it('should drain and end at a signal while the application does not load', async () => {
    setText(cwd, ';');
    const command = dev();
    await failed(command);
    command.kill('SIGTERM');
    expect(await command.end()).toMatchObject({ code: 0 });
  });

  it('should not watch with --no-watch, and exit with 1 when the application crashes', async () => {
    const command = dev('--no-watch');
    const url = await command.url();
    setText(cwd, "'two'");
    expect(await call(url)).toMatchObject({ text: 'one1' });
    await call(`${url}crash`).catch(() => undefined);
    const { code, stderr } = await command.end();
    expect(code).toBe(1);
    expect(stderr.at(-1)).toMatch(/^rxscgi: .*exit code 1/);
  });

  it('should exit with 2 when there is no module', async () => {
    const { code, stderr } = await runCommand(['dev', 'none.mjs', '--port', '0'], { cwd });
    expect(stderr).toEqual([expect.stringContaining('none.mjs does not exist')]);
    expect(code).toBe(2);
  });

  describe('--open', () => {
    /** Has only this program in its PATH, or none. */
    function opening(script?: string): Command {
      const bin = join(cwd, 'bin');
      mkdirSync(bin);
      if (script !== undefined) {
        writeFileSync(join(bin, 'xdg-open'), `#!/bin/sh\n${script}\n`);
        chmodSync(join(bin, 'xdg-open'), 0o755);
      }
      return new Command(['dev', 'app.mjs', '--port', '0', '--open'], { cwd, env: { PATH: bin } });
    }

    it('should open the page', async () => {
      const command = opening(`echo "$1" > ${cwd}/opened.tmp\n/bin/mv ${cwd}/opened.tmp ${cwd}/opened`);
      const url = await command.url();
      while (!existsSync(join(cwd, 'opened'))) await call(url);
      expect(readFileSync(join(cwd, 'opened'), 'utf8')).toBe(`${url}\n`);
    });

    it.each([
      ['is no opener', undefined, 'xdg-open is not installed'],
      ['is one that fails', 'exit 3', 'xdg-open failed with exit code 3'],
    ])('should serve all the same, and say so, when there %s', async (_what, script, reason) => {
      const command = opening(script);
      await command.stderr.value((line) => line === `rxscgi: no browser was opened: ${reason}`);
      expect(await call(await command.url())).toMatchObject({ status: 200 });
    });
  });
});
