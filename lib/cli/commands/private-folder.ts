/** A folder that nobody else can look into, for as long as it is used. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defer, finalize, type Observable } from 'rxjs';

/** Makes a folder when subscribed (mkdtemp makes it 0700), and removes it, with all in it, at the end. */
export function inPrivateFolder<T>(use: (folder: string) => Observable<T>): Observable<T> {
  return defer(() => {
    const folder = mkdtempSync(join(tmpdir(), 'rxscgi-'));
    const remove = (): void => rmSync(folder, { recursive: true, force: true });
    // An error that nobody caught ends the process without finalization.
    process.once('exit', remove);
    return use(folder).pipe(
      finalize(() => {
        process.off('exit', remove);
        remove();
      }),
    );
  });
}
