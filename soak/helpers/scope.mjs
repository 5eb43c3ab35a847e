/** What a scenario works with: child processes and folders that end with it, and the rows of the table. */
import { findExecutable } from '../../bench/shared/executables.mjs';
import { startNginx } from '../../bench/shared/nginx.mjs';
import { Scope } from '../../bench/shared/scope.mjs';
import { Child } from './child.mjs';
import { startLighttpd } from './lighttpd.mjs';

const CLIENTS = new Set(['attackers', 'vanishing-gateway']);

export class ScenarioScope extends Scope {
  rows = [];

  /**
   * @param name - the scenario's.
   * @param form - `short`: whether sizes and times are those of the short form; `brief`: whether some are smaller still; `runtime`: the
   * path of what runs the server.
   * @param report - receives each row.
   */
  constructor(name, { short, brief, runtime }, report) {
    super(name);
    this.short = short;
    this.brief = brief;
    this.runtime = runtime;
    this.report = report;
  }

  /** Adds a figure with its bound. */
  check(what, measured, bound, ok) {
    this.#row(what, measured, bound, ok ? 'pass' : 'FAIL');
  }

  /** Adds several figures in one row: each `[measured, bound, ok]`. All must be ok. */
  checkAll(what, figures) {
    const column = (index) => figures.map((figure) => figure[index]).join('; ');
    this.check(
      what,
      column(0),
      column(1),
      figures.every(([, , ok]) => ok),
    );
  }

  /** Runs work that may throw. An error is a failed row, and the scenario goes on. */
  async attempt(what, work) {
    try {
      await work();
    } catch (error) {
      console.error(error);
      this.check(what, error.message.split('\n')[0], 'runs to its end', false);
    }
  }

  /** Adds a figure without a bound. */
  note(what, measured) {
    this.#row(what, measured, '', '');
  }

  /** @returns whether a program is installed. If not, adds a row that says what was not run. */
  needs(program, what) {
    if (findExecutable(program)) return true;
    const required = process.env.RXSCGI_PEERS === 'required';
    this.#row(what, `not run: ${program} is not installed`, '', required ? 'FAIL' : 'not run');
    return false;
  }

  /** Starts a module of soak/apps: a server on the runtime of this run, a client on Node.js. */
  async child(app, options, more = {}) {
    const module = new URL(`../apps/${app}.mjs`, import.meta.url);
    const runtime = CLIENTS.has(app) ? process.execPath : this.runtime;
    const child = await Child.start(module, options, { ...more, runtime });
    let stopped = false;
    const stop = child.stop.bind(child);
    child.stop = () => {
      stopped = true;
      return stop();
    };
    this.defer(() => (stopped ? undefined : child.stop()));
    return child;
  }

  /**
   * @param targets - the address of the application, or several, which make an upstream.
   * @param directives - more lines for the location.
   */
  async nginx(targets, directives) {
    const sites = [{ protocol: 'scgi', addresses: [targets].flat(), directives }];
    const { urls, stop, errorLog } = await startNginx(this.newFolder(), sites);
    this.defer(stop);
    return { url: urls[0], errorLog };
  }

  async lighttpd(address) {
    const gateway = await startLighttpd(this.newFolder(), address);
    this.defer(gateway.stop);
    return gateway;
  }

  /** Ends a child. @returns a figure for `checkAll`: the errors that reached the process, and its exit code. */
  async stopClean(child) {
    const escaped = await child.ask('escaped');
    const code = await child.stop();
    if (escaped.length > 0) console.error(escaped.join('\n'));
    return [`${escaped.length} errors escaped, exit ${code}`, '0, 0', escaped.length === 0 && code === 0];
  }

  #row(...cells) {
    const row = [this.name, ...cells];
    this.rows.push(row);
    this.report(row);
  }
}
