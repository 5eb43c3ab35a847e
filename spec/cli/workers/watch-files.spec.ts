import { once } from 'node:events';
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { of } from 'rxjs';
import { watchFiles } from '../../../lib/cli/workers/watch-files.js';
import { Log } from '../../helpers/sockets/log.js';
import { cleanUpSockets, temporaryFolder } from '../../helpers/sockets/sockets.js';

cleanUpSockets();

describe('watchFiles', () => {
  let folder: string;

  beforeEach(() => {
    folder = temporaryFolder();
    for (const name of ['lib', 'node_modules', '.git']) mkdirSync(join(folder, name));
  });

  const write = (name: string): void => writeFileSync(join(folder, name), String(Math.random()));

  /** Waits for notifications of changes, so many in all. */
  async function changes(log: Log<string>, count: number): Promise<void> {
    let seen = 0;
    await log.value(() => ++seen === count);
  }

  it.each(['app.mjs', 'lib/db.ts', 'lib/data.json'])('should notify when %s changes', async (name) => {
    write(name);
    const log = new Log(watchFiles(folder));
    write(name);
    await changes(log, 1);
    expect(log.values).toEqual([join(folder, name)]);
    rmSync(join(folder, name));
    await changes(log, 2);
  });

  it('should notify once of changes that come together, and not of files that are not code', async () => {
    const log = new Log(watchFiles(folder));
    for (const name of [
      'app.log',
      'db.sqlite',
      '.app.mjs.swp',
      '.hidden.mjs',
      'node_modules/a.mjs',
      '.git/b.mjs',
    ]) {
      write(name);
    }
    // Whatever the others have caused comes before this.
    for (let count = 0; count < 20; count++) write(`lib/${count % 3}.mjs`);
    await changes(log, 1);
    write('app.mjs');
    await changes(log, 2);
    expect(log.values).toHaveLength(2);
  });

  it('should watch folders that are new or moved in, and live on without those that are removed', async () => {
    const log = new Log(watchFiles(folder));
    const elsewhere = temporaryFolder();
    mkdirSync(join(elsewhere, 'routes/admin'), { recursive: true });
    writeFileSync(join(elsewhere, 'routes/admin/users.mjs'), '');
    renameSync(join(elsewhere, 'routes'), join(folder, 'routes'));
    await changes(log, 1);
    write('routes/admin/users.mjs');
    await changes(log, 2);
    rmSync(join(folder, 'routes'), { recursive: true });
    await changes(log, 3);
    mkdirSync(join(folder, 'routes'));
    write('app.mjs');
    await changes(log, 4);
    write('routes/users.mjs');
    await changes(log, 5);
  });

  it('should watch a new folder that is named like code', async () => {
    const log = new Log(watchFiles(folder));
    mkdirSync(join(folder, 'chart.js'));
    await changes(log, 1);
    write('chart.js/axis.mjs');
    await changes(log, 2);
    expect(log.values[1]).toBe(join(folder, 'chart.js/axis.mjs'));
  });

  it('should neither follow the links of a folder that is moved in, nor take what is left out for its code', async () => {
    const elsewhere = temporaryFolder();
    const name = (part: string): string => join(elsewhere, 'package', part);
    mkdirSync(name('node_modules/library'), { recursive: true });
    writeFileSync(name('node_modules/library/index.js'), '');
    // Whoever follows these two has 2^40 paths before the system says that there are too many links.
    for (const link of ['a', 'b']) symlinkSync('.', name(link));
    const log = new Log(watchFiles(folder));
    const movedIn = once(watch(folder, { persistent: false }), 'change');
    renameSync(join(elsewhere, 'package'), join(folder, 'package'));
    await movedIn;
    // Another watch that has settled: this one has, too.
    const other = new Log(watchFiles(elsewhere));
    writeFileSync(join(elsewhere, 'other.mjs'), '');
    await changes(other, 1);
    write('package/app.mjs');
    await changes(log, 1);
    expect(log.values).toEqual([join(folder, 'package/app.mjs')]);
  });

  it('should notify of a link to a folder, and not follow it', async () => {
    const elsewhere = temporaryFolder();
    const log = new Log(watchFiles(folder));
    symlinkSync('circle', join(folder, 'circle'));
    symlinkSync(elsewhere, join(folder, 'linked'));
    await changes(log, 1);
    writeFileSync(join(elsewhere, 'other.mjs'), '');
    write('app.mjs');
    await changes(log, 2);
    expect(log.values).toEqual([join(folder, 'linked'), join(folder, 'app.mjs')]);
  });

  it('should do without a folder that this user may not enter, such as a database has', async () => {
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, 'database'));
    chmodSync(join(folder, 'database'), 0);
    const log = withoutRights(() => new Log(watchFiles(folder)));
    write('app.mjs');
    await changes(log, 1);
    write('lib/db.mjs');
    await changes(log, 2);
    expect(log.values).toEqual([join(folder, 'app.mjs'), join(folder, 'lib/db.mjs')]);
    chmodSync(join(folder, 'database'), 0o755);
  });

  it('should watch single files elsewhere, also when they are replaced or come later, and nothing beside them', async () => {
    const elsewhere = temporaryFolder();
    const [text, later, other] = ['text.mjs', 'later.txt', 'other.mjs'].map((name) => join(elsewhere, name));
    writeFileSync(text!, '');
    const files = of(text!, later!, join(folder, 'app.mjs'), join(elsewhere, 'none/x.mjs'));
    const log = new Log(watchFiles(folder, files));
    writeFileSync(other!, '');
    writeFileSync(`${text}.new`, 'new');
    renameSync(`${text}.new`, text!);
    await changes(log, 1);
    writeFileSync(later!, '');
    await changes(log, 2);
    write('app.mjs');
    await changes(log, 3);
    expect(log.values).toEqual([text, later, join(folder, 'app.mjs')]);
  });

  it('should fail when the folder cannot be watched', async () => {
    expect(await new Log(watchFiles(join(folder, 'none'))).over()).toMatchObject({ code: 'ENOENT' });
  });

  it('should stop when it is unsubscribed before the changes have settled', () => {
    const log = new Log(watchFiles(folder));
    write('app.mjs');
    log.unsubscribe();
    expect(log.values).toEqual([]);
  });
});

/** The superuser may enter every folder; others have no more than their own rights. */
function withoutRights<T>(run: () => T): T {
  if (process.geteuid?.() !== 0) return run();
  process.seteuid?.(65_534);
  try {
    return run();
  } finally {
    process.seteuid?.(0);
  }
}
