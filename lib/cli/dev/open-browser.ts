/** Opens a page in the browser of the person who runs the command. */
import { spawn } from 'node:child_process';
import { Observable, of, catchError } from 'rxjs';

/** Returns the program that opens a URL as the settings of the system say. */
function openerFor(platform: NodeJS.Platform): string {
  switch (platform) {
    case 'darwin':
      return 'open';
    case 'win32':
      return 'explorer.exe';
    default:
      return 'xdg-open';
  }
}

/**
 * Opens a URL: cold. Emits the reason when that fails, and completes when the program has ended, which may itself be the browser.
 * Unsubscribing leaves it running.
 */
export function openBrowser(url: string, platform = process.platform): Observable<string> {
  const program = openerFor(platform);
  return new Observable<never>((subscriber) => {
    const opener = spawn(program, [url], { detached: true, stdio: 'ignore' });
    opener.unref();
    opener.on('error', ({ code, message }: NodeJS.ErrnoException) =>
      subscriber.error(code === 'ENOENT' ? `${program} is not installed` : message),
    );
    opener.on('exit', (code) => {
      // explorer.exe exits with 1 even when it has opened the page.
      if (code === 0 || platform === 'win32') subscriber.complete();
      else subscriber.error(`${program} failed with exit code ${code}`);
    });
  }).pipe(catchError((reason: unknown) => of(String(reason))));
}
