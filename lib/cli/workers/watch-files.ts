/** Notices changes of an application's code. */
import { lstatSync, readdirSync, statSync, watch, type FSWatcher } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { EMPTY, Observable, catchError, debounceTime } from 'rxjs';
import { errorText } from '../log/error-text.js';

/** An editor or a compiler writes several files, and each of them in several steps: they count as one change. */
const SETTLE_MS = 100;

const MAX_FOLDERS_ELSEWHERE = 1000;

/** What the system says about a folder that is gone, or whose content is hidden from this user. */
const CLOSED: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM']);

/** Code and its data. Others may be written by the application itself, such as logs and databases. */
const CODE = /\.(?:[cm]?[jt]sx?|json)$/;

/**
 * Watches the folder of a module: cold. Emits the files that change; see {@link watchFiles}.
 *
 * @param path - the module.
 * @param imported - emits the files that the module imports; those elsewhere are watched as well.
 * @param failed - receives the reason why it cannot be watched (any more); then the result completes.
 */
export function watchModule(
  path: string,
  imported: Observable<string>,
  failed: (reason: string) => void,
): Observable<string> {
  const folder = dirname(resolve(path));
  return watchFiles(folder, imported).pipe(
    catchError((error: unknown) => {
      failed(`cannot watch ${folder}: ${errorText(error, 0)}`);
      return EMPTY;
    }),
  );
}

/**
 * Emits the file that has changed last, when code below a folder has changed: cold.
 *
 *     files:   -a--ab------c-------     changes of files
 *     result:  -------b-------c----     100 ms after the last change
 *
 * Leaves out `node_modules` and everything whose name begins with a dot. Folders are watched one by one: Node's recursive watch would
 * include those.
 *
 * @param files - emits single files to watch in addition, wherever they are; 1 000 folders of them at most.
 * Error notifications: the system's error when a folder cannot be watched (ENOSPC: fs.inotify.max_user_watches).
 */
export function watchFiles(folder: string, files: Observable<string> = EMPTY): Observable<string> {
  const changes = new Observable<string>((subscriber) => {
    const watchers = new Map<string, FSWatcher>();
    /** The names of the files that count, in folders that are not watched for all code. */
    const elsewhere = new Map<string, Set<string>>();

    /** Watches a folder and those in it. @returns whether there is code in them. @throws the system's errors. */
    function add(path: string): boolean {
      const watcher = watch(path, { persistent: false }, (event, name) => {
        if (name === null || isLeftOut(name)) return;
        if (CODE.test(name)) subscriber.next(join(path, name));
        if (event === 'rename') addNew(join(path, name));
      });
      watchers.set(path, watcher);
      // Some systems report a folder that was removed as an error.
      watcher.on('error', () => remove(path));
      let hasCode = false;
      for (const entry of readdirSync(path, { withFileTypes: true })) {
        if (isLeftOut(entry.name)) continue;
        const isCode = entry.isDirectory() ? addBelow(join(path, entry.name)) : CODE.test(entry.name);
        hasCode ||= isCode;
      }
      return hasCode;
    }

    /** As `add`, but does without a folder that is gone again, or that this user may not enter, such as a database's. */
    function addBelow(path: string): boolean {
      try {
        return add(path);
      } catch (error) {
        remove(path);
        if (!CLOSED.has((error as NodeJS.ErrnoException).code)) throw error;
        return false;
      }
    }

    /** Something has come or gone: a folder comes with its files. A link to one counts as a change, and is not followed. */
    function addNew(path: string): void {
      remove(path);
      try {
        const { found, isLink } = folderAt(path);
        if (found && (isLink || addBelow(path))) subscriber.next(path);
      } catch (error) {
        subscriber.error(error);
      }
    }

    function remove(path: string): void {
      for (const [watched, watcher] of watchers) {
        if (watched !== path && !watched.startsWith(path + sep)) continue;
        watcher.close();
        watchers.delete(watched);
      }
    }

    /** Watches the folder of a file, because an editor may replace the file. */
    function addFile(file: string): void {
      const parent = dirname(file);
      const name = basename(file);
      if (watchers.has(parent) && CODE.test(name)) return;
      const names = elsewhere.get(parent);
      if (names) names.add(name);
      else if (elsewhere.size < MAX_FOLDERS_ELSEWHERE) watchElsewhere(parent, new Set([name]));
    }

    function watchElsewhere(parent: string, names: Set<string>): void {
      elsewhere.set(parent, names);
      try {
        const watcher = watch(parent, { persistent: false }, (_event, name) => {
          if (name !== null && names.has(name)) subscriber.next(join(parent, name));
        });
        watcher.on('error', () => watcher.close());
        subscriber.add(() => watcher.close());
      } catch {
        // The folder does not exist, or cannot be watched: the others can.
      }
    }

    subscriber.add(() => remove(folder));
    try {
      add(folder);
    } catch (error) {
      subscriber.error(error);
    }
    subscriber.add(files.subscribe(addFile));
  });
  return changes.pipe(debounceTime(SETTLE_MS));
}

function isLeftOut(name: string): boolean {
  return name.startsWith('.') || basename(name) === 'node_modules';
}

/** Whether there is a folder, or a link to one. */
function folderAt(path: string): { readonly found: boolean; readonly isLink: boolean } {
  const options = { throwIfNoEntry: false } as const;
  try {
    const isLink = lstatSync(path, options)?.isSymbolicLink() === true;
    return { found: statSync(path, options)?.isDirectory() === true, isLink };
  } catch {
    // A link that leads in a circle, or to where this user may not look.
    return { found: false, isLink: true };
  }
}
