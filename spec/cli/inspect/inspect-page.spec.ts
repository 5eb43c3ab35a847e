/** The files of the live view's page: those of its folder, and nothing else that is on the disk. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom, from } from 'rxjs';
import type { InspectRecord } from '../../../lib/cli/inspect/inspect-record.js';
import { inspectPage } from '../../../lib/cli/inspect/inspect-page.js';
import type { ScgiRequest } from '../../../lib/index.js';

describe('inspectPage', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'rxscgi-page-'));
    mkdirSync(join(root, 'page/list/deep'), { recursive: true });
    for (const name of [
      ...['secret.js', 'page/index.html', 'page/main.js', 'page/list/list.js'],
      ...['page/.hidden.js', 'page/list/.hidden.js', 'page/list/notes.txt', 'page/list/deep/deep.js'],
    ])
      writeFileSync(join(root, name), name);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** Asks for a path as it is: nothing has put it into its normal form. */
  async function ask(path: string): Promise<{ status: number; body: string }> {
    const request = { method: 'GET', path } as ScgiRequest;
    const response = await firstValueFrom(
      from(inspectPage({} as InspectRecord, join(root, 'page'), 1)(request)),
    );
    return { status: Number(response.status ?? 200), body: (response.body as string | Buffer).toString() };
  }

  it.each([
    ['/', 'page/index.html'],
    ['/main.js', 'page/main.js'],
    ['/list/list.js', 'page/list/list.js'],
  ])('should serve %s', async (path, body) => {
    expect(await ask(path)).toEqual({ status: 200, body });
  });

  it.each([
    ...['/../secret.js', '/list/../../secret.js', '/list/../main.js', '/./main.js', '/..\\secret.js'],
    ...['//main.js', '/list//list.js', '/list', '/list/', '/.hidden.js', '/list/.hidden.js'],
    ...['/list/notes.txt', '/list/deep/deep.js', '/main.js\0.html', '/main.js/', '/%2e%2e/secret.js'],
  ])('should not serve %j', async (path) => {
    expect(await ask(path)).toEqual({ status: 404, body: 'Not Found\n' });
  });
});
