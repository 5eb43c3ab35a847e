/** What a scenario works with: processes that end with it, folders that go with it, and the rows of the table. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from './child.mjs';
import { findExecutable, startLighttpd, startNginx } from './gateways.mjs';

export class Scope {
  #endings = [];
  rows = [];

  /**
   * @param name - the scenario's.
   * @param short - whether sizes and times are those of the short form.
   * @param report - gets each row as it comes.
   */
  constructor(name, short, report) {
    this.name = name;
    this.short = short;
    this.report = report;
  }

  /** A figure against its bound. */
  check(what, measured, bound, ok) {
    this.#row(what, measured, bound, ok ? 'pass' : 'FAIL');
  }

  /** Several figures in a row: each `[measured, bound, ok]`; all must be ok. */
  checkAll(what, figures) {
    const column = (index) => figures.map((figure) => figure[index]).join('; ');
    this.check(
      what,
      column(0),
      column(1),
      figures.every(([, , ok]) => ok),
    );
  }

  /** Does something that may throw: that fails, and the scenario goes on. */
  async attempt(what, work) {
    try {
      await work();
    } catch (error) {
      console.error(error);
      this.check(what, error.message.split('\n')[0], 'runs to its end', false);
    }
  }

  /** A figure without a bound. */
  note(what, measured) {
    this.#row(what, measured, '', '');
  }

  /** @returns whether the program is there; if not, what hangs on it is named, and fails where it must not be missing. */
  needs(program, what) {
    if (findExecutable(program)) return true;
    const required = process.env.RXSCGI_PEERS === 'required';
    this.#row(what, `not run: ${program} is not installed`, '', required ? 'FAIL' : 'not run');
    return false;
  }

  /** Runs at the end, the last first, whatever happens. */
  atEnd(ending) {
    this.#endings.push(ending);
  }

  async folder() {
    const folder = await mkdtemp(join(tmpdir(), 'rxscgi-soak-'));
    this.atEnd(() => rm(folder, { recursive: true, force: true }));
    return folder;
  }

  /** A Unix socket's address in a folder of its own. */
  async unixAddress() {
    return `unix:${join(await this.folder(), 'app.sock')}`;
  }

  /** Starts a module of soak/apps. */
  async child(app, options, runtime) {
    const module = new URL(`../apps/${app}.mjs`, import.meta.url);
    const child = await Child.start(module, options, runtime);
    let stopped = false;
    const stop = child.stop.bind(child);
    child.stop = () => {
      stopped = true;
      return stop();
    };
    this.atEnd(() => (stopped ? undefined : child.stop()));
    return child;
  }

  async nginx(targets, directives) {
    return this.#gateway(await startNginx(await this.folder(), targets, directives));
  }

  async lighttpd(address) {
    return this.#gateway(await startLighttpd(await this.folder(), address));
  }

  /** Ends a child. @returns a figure for `checkAll`: what got as far as the process, and its exit code. */
  async stopClean(child) {
    const escaped = await child.ask('escaped');
    const code = await child.stop();
    if (escaped.length > 0) console.error(escaped.join('\n'));
    return [`${escaped.length} errors escaped, exit ${code}`, '0, 0', escaped.length === 0 && code === 0];
  }

  async end() {
    while (this.#endings.length > 0) {
      try {
        await this.#endings.pop()();
      } catch (error) {
        this.check('cleaning up', error.message, '', false);
      }
    }
  }

  #gateway(gateway) {
    this.atEnd(() => gateway.stop());
    return gateway;
  }

  #row(...cells) {
    const row = [this.name, ...cells];
    this.rows.push(row);
    this.report(row);
  }
}
